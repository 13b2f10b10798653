// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightDatabase

@Suite("Watching statements after drops", .enabled(if: TestServers.areAvailable), .serialized, .timeLimit(.minutes(2)))
struct LiveDropWatchTests {
    private func builder(_ site: IndexSite) -> IndexBuilder {
        IndexBuilder(PostgresConfiguration(site.url("app")), limits: IndexSite.limits)
    }

    /// Makes a table so big that nobody mistakes reading all of it for finding a row, and finds rows of it by both indexes.
    private func makeTable(_ site: IndexSite) async throws {
        try await site.run(migration: "m0002_create_samples")
        try await site.run(
            """
            CREATE TABLE t (id int, a int, note text);
            INSERT INTO t SELECT i, i, repeat('x', 100) FROM generate_series(1, 50000) AS i;
            CREATE INDEX by_id ON t (id); CREATE INDEX by_a ON t (a)
            """
        )
        try await site.run("VACUUM ANALYZE t")
        try await site.connected { connection in
            for number in 1...100 { try await Self.find(by: "id", number, on: connection) }
            for number in 1...100 { try await Self.find(by: "a", number, on: connection) }
        }
    }

    private static func find(by column: String, _ number: Int, on connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT note FROM t WHERE \(identifier: column) = \(number)")
    }

    /// Runs an application's statement again and again while `body` runs.
    private func whileFinding<Value: Sendable>(
        by column: String,
        _ site: IndexSite,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let application = Task {
            try await site.connected { connection in
                while !Task.isCancelled {
                    try await Self.find(by: column, 7, on: connection)
                    // other tests want the machine, too
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        application.cancel()
        if case .failure(let error) = await application.result, !(error is CancellationError) { throw error }
        return try result.get()
    }

    @Test("An index that a statement misses is built again, and the report says which statement and what it cost")
    func missed() async throws {
        try await IndexSite.lend { site in
            try await self.makeTable(site)

            let drops = try await self.whileFinding(by: "a", site) {
                // it ends when nothing is left to watch
                try await self.builder(site).drop(["public.by_a"], pause: .milliseconds(50)) { _, _ in false }
            }

            #expect(drops.indexes.map(\.result) == [.restored])
            let finding = try #require(drops.verdict.findings.first)
            #expect(finding.id == "indexes.W083" && finding.subject == "public.by_a")
            #expect(finding.message.hasSuffix("it was built again."))
            let worst = try #require(drops.observations.first?.worse.first)
            #expect(worst.text == "SELECT note FROM t WHERE \"a\" = $1")
            #expect(worst.since.pagesPerCall >= 500 && worst.before.map { $0.pagesPerCall < 10 } == true)
            #expect(try await site.indexes(of: "t") == ["by_a", "by_id"])
            #expect(
                try await site.journal().map { $0.prefix(11) } == ["undone: DRO", "done: CREATE"].map { $0.prefix(11) }
            )
            #expect(try await self.builder(site).undoDrops() == [])
        }
    }

    @Test("An index that no statement misses stays dropped, and it is ok only since statements were seen")
    func harmless() async throws {
        try await IndexSite.lend { site in
            try await self.makeTable(site)

            let drops = try await self.whileFinding(by: "id", site) {
                try await self.builder(site).drop(["public.by_a"], pause: .milliseconds(50)) { watch, _ in
                    watch.calls >= 10
                }
            }

            #expect(drops.indexes.map(\.result) == [.dropped])
            guard case .ok = drops.verdict else {
                Issue.record("\(drops.verdict)")
                return
            }
            #expect(drops.observations.first?.changes.map(\.isWorse) == [false])
            #expect(try await site.indexes(of: "t") == ["by_id"])
        }
    }

    @Test("Of two indexes only that on the table of the worse statement is built again")
    func onlyThose() async throws {
        try await IndexSite.lend { site in
            try await self.makeTable(site)
            try await site.run("CREATE TABLE other (a int); CREATE INDEX of_other ON other (a)")

            let drops = try await self.whileFinding(by: "a", site) {
                try await self.builder(site).drop(["public.of_other", "public.by_a"], pause: .milliseconds(50)) {
                    watch,
                    _ in
                    watch.observations(of: ["public.by_a"]).contains { $0.isCompared }
                }
            }

            #expect(drops.indexes.map(\.result) == [.dropped, .restored])
            #expect(try await site.indexes(of: "other") == [])
            #expect(try await site.indexes(of: "t") == ["by_a", "by_id"])
        }
    }

    @Test("Where no statement ran it is unknown; where the statements cannot be read, too, with the cure")
    func unknown() async throws {
        try await IndexSite.lend { site in
            try await self.makeTable(site)

            let unseen = try await self.builder(site).drop(["public.by_a"], pause: .milliseconds(10)) { $1 > .zero }
            try await site.run("DROP EXTENSION pg_stat_statements", as: "postgres")
            let unread = try await self.builder(site).drop(["public.by_id"], pause: .milliseconds(10)) { $1 > .zero }

            #expect(unseen.indexes.map(\.result) == [.dropped] && unread.indexes.map(\.result) == [.dropped])
            guard case .unknown(let nothing, _) = unseen.verdict, case .unknown(let why, let cure) = unread.verdict
            else {
                Issue.record("\(unseen.verdict) \(unread.verdict)")
                return
            }
            #expect(nothing.hasPrefix("No call of any statement about public.t"))
            #expect(why.hasPrefix("Nothing could be watched. The extension pg_stat_statements is not installed"))
            #expect(cure?.hasPrefix("CREATE EXTENSION pg_stat_statements") == true)
            try await site.run("CREATE EXTENSION pg_stat_statements", as: "postgres")
            let later = try await site.connected { connection in
                try await Checkup(checks: [DroppedIndexes()]).sections(of: [.indexes], on: connection)
            }.verdict(of: "dropped-indexes")
            guard case .unknown(let unkept, _) = later else {
                Issue.record("\(String(describing: later))")
                return
            }
            #expect(unkept.contains("what statements cost before was not kept"), "\(unkept)")
        }
    }

    @Test("A role to which Millwright's schema is closed is told so, and sees the rest")
    func closedSchema() async throws {
        try await IndexSite.lend { site in
            try await self.makeTable(site)

            let (history, unproved) = try await site.connected(as: "monitor") { connection in
                let inspection = try await Inspection(of: connection)
                try await inspection.begin()
                let history = try await inspection.indexHistory()
                await inspection.end()
                return (history, try await IndexJournal.unproved(on: connection))
            }

            #expect(history.isEmpty && unproved.isEmpty)
            await #expect(throws: ToolError.self) {
                try await site.connected(as: "monitor") { try await IndexJournal.open(on: Lookout($0)) }
            }
        }
    }

    @Test("A later look finds what has become worse since a drop, until the index is there again")
    func laterLook() async throws {
        try await IndexSite.lend { site in
            func look(as role: String = "app") async throws -> Verdict? {
                try await site.connected(as: role) {
                    try await Checkup(checks: [DroppedIndexes()]).sections(of: [.indexes], on: $0)
                }.verdict(of: "dropped-indexes")
            }
            try await self.makeTable(site)
            let before = try await look()
            _ = try await self.builder(site).drop(["public.by_a"])
            let early = try await look()
            try await site.connected { connection in
                for number in 1...5 { try await Self.find(by: "a", number, on: connection) }
            }

            let found = try await look()
            let denied = try await look(as: "nobody_role")
            _ = try await self.builder(site).undoDrops()
            let after = try await look()

            guard case .ok = before, case .ok = after else {
                Issue.record("\(String(describing: before)) \(String(describing: after))")
                return
            }
            guard case .unknown = early, case .unknown(_, let cure) = denied else {
                Issue.record("\(String(describing: early)) \(String(describing: denied))")
                return
            }
            #expect(found?.marks == ["indexes.W021 public.by_a"])
            #expect(found?.findings.first?.evidence.contains(Evidence("calls since", 5)) == true)
            #expect(cure?.hasPrefix("GRANT USAGE ON SCHEMA millwright TO nobody_role;") == true)
        }
    }

    @Test("Without the table of samples an index is dropped all the same, and its outcome says what was not kept")
    func notKept() async throws {
        try await IndexSite.lend { site in
            try await site.run("CREATE TABLE t (a int); CREATE INDEX ix ON t (a)")

            let dropped = try await self.builder(site).drop(["public.ix"])

            #expect(dropped.map(\.result) == [.dropped])
            #expect(dropped[0].note?.contains("manage migrate") == true)
        }
    }

    @Test("Statements may name a partitioned table, its parts, and views of them, also of views")
    func relations() async throws {
        try await IndexSite.lend { site in
            try await site.run(
                """
                CREATE TABLE whole (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF whole FOR VALUES IN (1);
                CREATE TABLE other PARTITION OF whole FOR VALUES IN (2); CREATE INDEX ix ON part (a);
                CREATE VIEW "First" AS SELECT a FROM part; CREATE VIEW second AS SELECT a FROM "First";
                CREATE TABLE stranger (a int)
                """
            )

            let targets = try await site.connected { connection in
                let inspection = try await Inspection(of: connection)
                try await inspection.begin()
                let targets = try await DropTarget.read(
                    [(index: "public.ix", table: "public.part"), (index: "public.gone", table: "public.gone")],
                    from: inspection
                )
                await inspection.end()
                return targets
            }

            #expect(targets.map(\.index) == ["public.ix", "public.gone"])
            #expect(targets[0].relations.map(\.name).sorted() == ["First", "part", "second", "whole"])
            #expect(targets[1].relations == [])
        }
    }
}
