// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import Foundation
import MillwrightCommands
import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("The seeded faults and manage tune", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct SeededFaultsFoundTests {
    /// What a finding is known by.
    private struct Name: Hashable, CustomStringConvertible {
        var id: String
        var subject: String
        var description: String { "\(self.id) \(self.subject)" }
    }

    @Test("After a load and a workload, tune names every seeded fault, and nothing else")
    func namesAllAndNothingElse() async throws {
        // As a careful owner would set them up: servers made for tests do without, and tune would say so.
        var plan = SandboxPlan()
        plan.postgresSettings = ["fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"]
        plan.redisSettings = ["maxmemory": "256mb"]
        let servers = try await TestServers.private(plan)
        let settings = try Self.settingsFile(for: servers)
        defer { try? FileManager.default.removeItem(atPath: settings) }

        try await Self.manage("loaddata", ["erp", "--scale", "0.05"], settings)
        let (begun, feed) = AsyncStream.makeStream(of: Int.self)
        let hold = Task {
            try await HeldTransaction.hold(on: PostgresConfiguration(servers.postgresURL), for: .seconds(240)) {
                feed.yield($0)
            }
        }
        _ = await begun.first { _ in true }
        try await Self.manage("loaddata", ["--workload", "10s", "--clients", "4"], settings)
        let found = try Self.findings(in: await Self.manage("tune", ["--format", "json"], settings).stdout)
        hold.cancel()
        _ = await hold.result
        try await servers.remove()

        let missed = ERP.seededFaults.filter { fault in
            !found.contains { fault.isNamed(by: $0.id, subject: $0.subject) }
        }
        let extra = found.filter { name in
            !ERP.seededFaults.contains { $0.isNamed(by: name.id, subject: name.subject) }
        }
        #expect(missed.map { "\($0.findingID) \($0.subject)" } == [])
        #expect(extra == [])
    }

    @discardableResult
    private static func manage(_ command: String, _ arguments: [String], _ settings: String) async throws
        -> CapturedOutput
    {
        let ran = try await ManagementUtility(apps: [BuiltInApps.millwright])
            .callCommand(command, arguments + ["--settings", settings], environment: [:])
        #expect([.ok, .notWell].contains(ran.exitCode), "\(ran.stderr)")
        return ran
    }

    /// Three aliases as an ERP has them, and windows short enough for a test.
    private static func settingsFile(for servers: TestServers) throws -> String {
        let redis = servers.redisURL
        let text = """
            databases:
              default: { url: "\(servers.postgresURL)" }
            caches:
              default: { location: "\(redis)?db=1", key_prefix: context7_erp, timeout: 300 }
              sessions: { location: "\(redis)?db=2", key_prefix: context7_sessions, timeout: 86400 }
              database: { location: "\(redis)?db=3", key_prefix: context7_db, timeout: 1800 }
            checks:
              unused-indexes: { minimumWindow: 1s }
              idle-transactions: { minimumAge: 1s }
              slow-queries: { minimumCalls: 5 }
            """
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static func findings(in json: String) throws -> Set<Name> {
        func walk(_ value: Any) -> [Name] {
            if let list = value as? [Any] { return list.flatMap(walk) }
            guard let object = value as? [String: Any] else { return [] }
            let inside = object.values.flatMap(walk)
            guard object["fingerprint"] != nil, let id = object["id"] as? String,
                let subject = object["subject"] as? String
            else { return inside }
            return inside + [Name(id: id, subject: subject)]
        }
        return Set(walk(try JSONSerialization.jsonObject(with: Data(json.utf8))))
    }
}
