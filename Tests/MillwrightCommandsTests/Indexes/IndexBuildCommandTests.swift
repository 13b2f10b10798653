// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCommands
import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite(
    "manage index_build and index_audit --drop-unused",
    .enabled(if: TestServers.areAvailable),
    .timeLimit(.minutes(2))
)
struct IndexBuildCommandTests {
    private struct Site {
        var url: String
        var utility = ManagementUtility(apps: [BuiltInApps.millwright])

        func manage(_ arguments: String...) async throws -> CapturedOutput {
            let rest = Array(arguments.dropFirst())
            return try await self.utility.callCommand(arguments[0], rest, environment: ["DATABASE_URL": self.url])
        }

        func connected<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
            let connection = try await PostgresConnection.connect(PostgresConfiguration(self.url))
            let result: Result<Value, any Error>
            do { result = .success(try await body(connection)) } catch { result = .failure(error) }
            await connection.close()
            return try result.get()
        }

        func run(_ script: String) async throws { try await self.connected { try await $0.run(script: script) } }
    }

    private func withSite(_ body: (Site) async throws -> Void) async throws {
        try await TestServers.shared().withDatabase { url in
            let site = Site(url: url("app"))
            try await site.run(
                """
                CREATE TABLE t (a int, b int, note text);
                INSERT INTO t SELECT i, (i % 10 = 0)::int, repeat('x', 50) FROM generate_series(1, 20000) AS i;
                """
            )
            try await site.run("VACUUM ANALYZE t")
            try await body(site)
        }
    }

    @Test("Without --apply it shows the statement, its lock and its undo, and changes nothing")
    func plans() async throws {
        try await self.withSite { site in
            let text = try await site.manage("index_build", "CREATE INDEX ON t (a)")
            let json = try await site.manage("index_build", "CREATE INDEX ON t (a)", "--format", "json")
            let count = try await site.connected {
                try await $0.query("SELECT count(*) FROM pg_indexes WHERE tablename = 't'", as: Int.self)[0]
            }

            #expect(text.exitCode == .ok, "\(text.stderr)")
            #expect(json.stdout.contains("CREATE INDEX CONCURRENTLY t_a_idx ON public.t (a);"))
            #expect(json.stdout.contains("DROP INDEX CONCURRENTLY public.t_a_idx;"))
            #expect(count == 0)
        }
    }

    @Test("Without a journal it asks for `manage migrate`; with one it builds and ends with 0")
    func builds() async throws {
        try await self.withSite { site in
            let early = try await site.manage("index_build", "CREATE INDEX ON t (a)", "--apply")
            _ = try await site.manage("migrate")
            let built = try await site.manage("index_build", "CREATE INDEX ON t (a)", "--apply")
            let again = try await site.manage("index_build", "CREATE INDEX ON t (a)", "--apply")

            #expect(early.exitCode == .unavailable)
            #expect(early.stderr.contains("manage migrate"))
            #expect(built.exitCode == .ok, "\(built.stderr)")
            #expect(again.exitCode == .ok)
            #expect(again.stdout.contains("same index"), "\(again.stdout)")
        }
    }

    @Test("What stops it is a finding in the one document, and the exit code is that of the obstacle")
    func failures() async throws {
        try await self.withSite { site in
            _ = try await site.manage("migrate")
            let doubled = try await site.manage(
                "index_build",
                "CREATE UNIQUE INDEX u ON t (b)",
                "--apply",
                "--format",
                "json"
            )
            let blocked = try await site.connected { writer in
                try await writer.run(script: "BEGIN; UPDATE t SET note = '' WHERE a = 1")
                return try await site.manage("index_build", "CREATE INDEX ON t (a)", "--apply", "--wait", "1s")
            }
            let wrong = try await site.manage("index_build", "DROP TABLE t", "--apply")

            #expect(doubled.exitCode == .notWell)
            #expect(doubled.stdout.contains("duplicate_keys") && doubled.stdout.contains("(0)"))
            #expect((try? JSONSerialization.jsonObject(with: Data(doubled.stdout.utf8))) != nil)
            #expect(blocked.exitCode == .tryLater)
            #expect(blocked.stdout.contains("uses the table"))
            #expect(wrong.exitCode == .usage)
        }
    }

    @Test("With --verify a useless index is dropped again and the report says why; a useful one stays")
    func verifies() async throws {
        try await self.withSite { site in
            _ = try await site.manage("migrate")
            let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).sql").path
            try "SELECT count(note) FROM t WHERE b = 0; SELECT note FROM t WHERE a = 7;"
                .write(toFile: file, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(atPath: file) }
            let options = ["--apply", "--verify", "--workload", file, "--watch", "10ms"]

            let useless = try await site.utility.callCommand(
                "index_build",
                ["CREATE INDEX useless ON t (b)"] + options,
                environment: ["DATABASE_URL": site.url]
            )
            let useful = try await site.utility.callCommand(
                "index_build",
                ["CREATE INDEX useful ON t (a)"] + options,
                environment: ["DATABASE_URL": site.url]
            )
            let names = try await site.connected {
                try await $0.query("SELECT indexname::text FROM pg_indexes WHERE tablename = 't'", as: String.self)
            }

            #expect(useless.exitCode == .notWell)
            #expect(useless.stdout.contains("No statement gained by it."), "\(useless.stdout)")
            #expect(useful.exitCode == .ok, "\(useful.stdout)")
            #expect(Array(names) == ["useful"])
        }
    }

    @Test("Where the audit does not know what is unused, nothing is dropped and nobody is told that all is well")
    func dropsNothingUnknown() async throws {
        try await self.withSite { site in
            _ = try await site.manage("migrate")
            try await site.run("CREATE INDEX idle ON t (a)")

            let output = try await site.manage("index_audit", "--drop-unused", "--apply")

            #expect(output.exitCode == .unavailable, "\(output.stdout) \(output.stderr)")
            #expect(
                try await site.connected { try await $0.query("SELECT FROM pg_indexes WHERE tablename = 't'").count }
                    == 1
            )
        }
    }

    @Test("A snapshot keeps since when each index is known; one that was made anew is known since then")
    func keepsHistory() async throws {
        try await self.withSite { site in
            func seen() async throws -> [String: Double] {
                let rows = try await site.connected {
                    try await $0.query(
                        "SELECT index_name, extract(epoch FROM first_seen)::float8 FROM millwright.index_history"
                    ).decode(as: (String, Double).self)
                }
                return Dictionary(rows) { first, _ in first }
            }
            let early = try await site.manage("index_audit", "--snapshot")
            _ = try await site.manage("migrate")
            try await site.run("CREATE INDEX stays ON t (a); CREATE INDEX changes ON t (a); CREATE INDEX goes ON t (a)")
            let first = try await site.manage("index_audit", "--snapshot")
            let before = try await seen()

            try await site.run("DROP INDEX goes; DROP INDEX changes; CREATE INDEX changes ON t (b)")
            _ = try await site.manage("index_audit", "--snapshot")
            let after = try await seen()

            #expect(early.exitCode == .unavailable && early.stderr.contains("manage migrate"), "\(early.stderr)")
            #expect(first.exitCode == .ok, "\(first.stdout) \(first.stderr)")
            #expect(before["public.goes"] != nil && after["public.goes"] == nil)
            #expect(after["public.stays"] == before["public.stays"])
            #expect(try #require(after["public.changes"]) > #require(before["public.changes"]))
        }
    }

    @Test("Unused indexes are dropped and had again")
    func dropsUnused() async throws {
        try await self.withSite { site in
            _ = try await site.manage("migrate")
            try await site.run("CREATE INDEX idle ON t (a)")
            try await site.run("ANALYZE t")
            let soon = [
                "--set", "checks.unused-indexes.minimumWindow=1ms", "--set", "checks.unused-indexes.minimumBytes=1kB",
            ]
            func audit(_ options: [String]) async throws -> CapturedOutput {
                try await site.utility.callCommand(
                    "index_audit",
                    options + soon + ["--format", "json"],
                    environment: ["DATABASE_URL": site.url]
                )
            }
            let indexes = {
                try await site.connected { try await $0.query("SELECT FROM pg_indexes WHERE tablename = 't'").count }
            }

            let plan = try await audit(["--drop-unused"])
            let planned = try await indexes()
            let dropped = try await audit(["--drop-unused", "--apply"])
            let left = try await indexes()
            let undone = try await audit(["--undo", "--apply"])

            #expect(plan.stdout.contains("DROP INDEX CONCURRENTLY public.idle;"), "\(plan.stdout)")
            #expect(planned == 1)
            #expect(dropped.exitCode == .ok, "\(dropped.stdout)")
            #expect(left == 0)
            #expect(undone.exitCode == .ok, "\(undone.stdout)")
            #expect(try await indexes() == 1)
        }
    }
}
