// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("manage index_audit --drop-unused --watch", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(3)))
struct IndexDropCommandTests {
    private struct Site {
        var url: String
        var utility = ManagementUtility(apps: [BuiltInApps.millwright])

        /// Runs index_audit so that an index counts as unused however young it is and however often it was scanned.
        func audit(_ options: String...) async throws -> CapturedOutput { try await self.audit(options) }

        func audit(_ options: [String]) async throws -> CapturedOutput {
            let settings = ["minimumWindow=1ms", "minimumBytes=1kB", "maximumScans=1000000"]
            return try await self.utility.callCommand(
                "index_audit",
                options + settings.flatMap { ["--set", "checks.unused-indexes.\($0)"] },
                environment: ["DATABASE_URL": self.url]
            )
        }

        func connected<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
            let connection = try await PostgresConnection.connect(PostgresConfiguration(self.url))
            let result: Result<Value, any Error>
            do { result = .success(try await body(connection)) } catch { result = .failure(error) }
            await connection.close()
            return try result.get()
        }

        func find(_ number: Int, on connection: PostgresConnection) async throws {
            _ = try await connection.query("SELECT note FROM t WHERE a = \(number)")
        }
    }

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        try await TestServers.shared().withDatabase { url in
            let site = Site(url: url("app"))
            _ = try await site.utility.callCommand("migrate", [], environment: ["DATABASE_URL": site.url])
            try await site.connected {
                try await $0.run(
                    script: """
                        CREATE TABLE t (a int, note text);
                        INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 50000) AS i;
                        CREATE INDEX ix ON t (a); ANALYZE t
                        """
                )
            }
            try await body(site)
        }
    }

    @Test("What a statement misses is had again; the report names it, and the command ends with 1")
    func restores() async throws {
        try await self.withSite { site in
            try await site.connected { for number in 1...100 { try await site.find(number, on: $0) } }
            let application = Task {
                try await site.connected { connection in
                    while !Task.isCancelled {
                        try await site.find(7, on: connection)
                        // other tests want the machine, too
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }

            let output = try await site.audit("--drop-unused", "--apply", "--watch", "100s", "--format", "json")
            application.cancel()
            _ = await application.result

            #expect(output.exitCode == .notWell, "\(output.stdout) \(output.stderr)")
            #expect(output.stdout.contains("indexes.W083") && output.stdout.contains("restored"), "\(output.stdout)")
            #expect(output.stdout.contains("SELECT note FROM t WHERE a = $1"))
            #expect(
                try await site.connected { try await $0.query("SELECT FROM pg_indexes WHERE tablename = 't'").count }
                    == 1
            )
        }
    }

    @Test("Where no statement ran while it watched, that is unknown and not ok")
    func seesNothing() async throws {
        try await self.withSite { site in
            let output = try await site.audit("--drop-unused", "--apply", "--watch", "1s")

            #expect(output.exitCode == .ok, "\(output.stdout) \(output.stderr)")
            #expect(output.stdout.contains("No call of any statement about public.t"), "\(output.stdout)")
        }
    }

    @Test("With nothing to drop it says that no index was unused for long enough")
    func nothingToDrop() async throws {
        try await self.withSite { site in
            try await site.connected { try await $0.run(script: "DROP INDEX ix") }

            let none = try await site.audit("--drop-unused")

            #expect(none.exitCode == .ok, "\(none.stdout) \(none.stderr)")
            #expect(none.stdout.contains("no index was unused for long enough"), "\(none.stdout)")
            #expect(!none.stdout.contains("Nothing was checked"))
        }
    }

    @Test(
        "`--watch` goes only with `--drop-unused --apply`",
        arguments: [["--watch", "1s"], ["--undo", "--apply", "--watch", "1s"], ["--drop-unused", "--watch", "1s"]]
    )
    func usage(options: [String]) async throws {
        try await self.withSite { site in
            let output = try await site.audit(options)

            #expect(output.exitCode == .usage)
        }
    }
}
