// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightTesting

/// A database of its own on the shared test server, with fast thresholds for what needs time.
struct LiveDatabase {
    /// The URL as each role.
    private var urls: [String: String]

    static func lend<Value: Sendable>(_ body: (LiveDatabase) async throws -> Value) async throws -> Value {
        try await TestServers.shared().withDatabase { url in
            let roles = ["app", "monitor", "nobody_role", "postgres"]
            return try await body(LiveDatabase(urls: Dictionary(uniqueKeysWithValues: roles.map { ($0, url($0)) })))
        }
    }

    /// The URL as a role.
    func url(as role: String = "app") -> String { self.urls[role] ?? "" }

    func run(_ script: String, as role: String = "app") async throws {
        // what a test builds has to succeed, however busy the other tests keep the machine
        try await self.connected(as: role) { try await $0.run(script: script, timeout: .seconds(100)) }
    }

    func connected<Value: Sendable>(
        as role: String = "app",
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(self.urls[role] ?? ""))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    /// Returns once a session of this database waits for a lock.
    func waitUntilSomebodyWaits() async throws {
        try await self.connected(as: "postgres") { connection in
            while try await connection.query("SELECT 1 FROM pg_locks WHERE NOT granted").isEmpty {
                try Task.checkCancellation()
            }
        }
    }

    /// Looks at the database.
    func sections(
        of concerns: [Concern] = Concern.allCases,
        as role: String = "app",
        thresholds: [String: [String: String]] = [
            "unused-indexes": ["minimumWindow": "0s", "minimumBytes": "0"], "missing-indexes": ["planningTime": "60s"],
        ]
    ) async throws -> [Section] {
        let checkup = Checkup(checks: try Checks.all(with: thresholds))
        return try await self.connected(as: role) { try await checkup.sections(of: concerns, on: $0) }
    }
}

extension Sequence where Element == Section {
    /// Each finding as `id subject`.
    var marks: Set<String> {
        Set(self.flatMap(\.outcomes).flatMap(\.verdict.findings).map { "\($0.id) \($0.subject)" })
    }

    func verdict(of check: String) -> Verdict? {
        self.flatMap(\.outcomes).first { $0.name == check }?.verdict
    }
}
