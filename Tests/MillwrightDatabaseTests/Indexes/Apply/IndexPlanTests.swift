// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Plans for indexes")
struct IndexPlanTests {
    private func situation(change: (inout IndexSituation) -> Void = { _ in }) throws -> IndexSituation {
        var situation = IndexSituation(
            request: try CreateIndex.parse("CREATE INDEX ix ON orders (a)")[0],
            tables: [.init(oid: 1, schema: "public", name: "orders")],
            name: "ix",
            rest: " USING btree (a)"
        )
        change(&situation)
        return situation
    }

    private func refusal(_ situation: IndexSituation) -> ToolError? {
        do {
            _ = try IndexPlan(situation)
            return nil
        } catch {
            return error
        }
    }

    @Test("An index is built concurrently, and an expression's statistics are gathered after it")
    func builds() throws {
        let plain = try IndexPlan(self.situation())
        let expression = try IndexPlan(self.situation { $0.hasExpressions = true })

        #expect(plain.script == "CREATE INDEX CONCURRENTLY ix ON public.orders (a);")
        #expect(plain.steps[0].undo == "DROP INDEX CONCURRENTLY public.ix")
        #expect(expression.steps.map(\.kind) == [.build, .analyze])
    }

    @Test("What is there already, under this name or another, is not built again")
    func unchanged() throws {
        let same = IndexSituation.Existing(oid: 7, name: "public.ix", table: 1, rest: " USING btree (a)")
        let other = IndexSituation.Existing(oid: 8, name: "public.other", table: 1, rest: " USING btree (a)")

        #expect(try IndexPlan(self.situation { $0.named = ["public.ix": same] }).steps == [])
        let plan = try IndexPlan(self.situation { $0.equal = [1: [other]] })
        #expect(plan.steps == [])
        #expect(plan.note == "public.other is the same index under another name.")
    }

    @Test("An invalid leftover of the same definition is dropped first; while it is being built it is left alone")
    func leftover() throws {
        var old = IndexSituation.Existing(oid: 7, name: "public.ix", table: 1, rest: " USING btree (a)", isValid: false)
        let plan = try IndexPlan(self.situation { $0.named = ["public.ix": old] })
        old.isBeingBuilt = true
        let busy = try self.refusal(self.situation { $0.named = ["public.ix": old] })

        #expect(plan.steps.map(\.kind) == [.dropRemnant, .build])
        #expect(busy?.code == .tryLater)
    }

    @Test(
        "The same name with another definition is refused, whatever it is",
        arguments: [
            IndexSituation.Existing(oid: 7, name: "public.ix", table: 1, rest: " USING btree (b)"),
            IndexSituation.Existing(oid: 7, name: "public.ix", table: 1, rest: " USING btree (a)", isUnique: true),
            IndexSituation.Existing(oid: 7, name: "public.ix", table: 2, rest: " USING btree (a)"),
            IndexSituation.Existing(oid: 7, name: "public.ix", kind: "r"),
            IndexSituation.Existing(oid: 7, name: "public.ix", table: 1, rest: " USING btree (b)", isValid: false),
        ]
    )
    func sameName(existing: IndexSituation.Existing) throws {
        #expect(try self.refusal(self.situation { $0.named = ["public.ix": existing] })?.code == .notWell)
    }

    @Test("Without the rights to it, or on what is no table, nothing is planned")
    func refusals() throws {
        #expect(try self.refusal(self.situation { $0.tables[0].isOwned = false })?.code == .unavailable)
        #expect(try self.refusal(self.situation { $0.tables[0].canCreate = false })?.code == .unavailable)
        #expect(try self.refusal(self.situation { $0.tables[0].kind = "v" })?.code == .notWell)
    }

    @Test("On a partitioned table the whole is made empty, then each partition's index is built and attached")
    func partitioned() throws {
        let plan = try IndexPlan(
            self.situation {
                $0.tables[0].kind = "p"
                $0.tables.append(.init(oid: 2, parent: 1, schema: "public", name: "low"))
                $0.tables.append(.init(oid: 3, parent: 1, schema: "public", name: "high", kind: "p"))
                $0.tables.append(.init(oid: 4, parent: 3, schema: "public", name: "highest"))
            }
        )

        #expect(
            plan.script.split(separator: "\n") == [
                "CREATE INDEX ix ON ONLY public.orders (a);",
                "CREATE INDEX CONCURRENTLY low_ix ON public.low (a);",
                "ALTER INDEX public.ix ATTACH PARTITION public.low_ix;",
                "CREATE INDEX high_ix ON ONLY public.high (a);",
                "ALTER INDEX public.ix ATTACH PARTITION public.high_ix;",
                "CREATE INDEX CONCURRENTLY highest_ix ON public.highest (a);",
                "ALTER INDEX public.high_ix ATTACH PARTITION public.highest_ix;",
            ]
        )
        #expect(plan.reverted.script == "DROP INDEX public.ix;")
    }

    @Test("A partitioned build that was interrupted goes on where it was")
    func partitionedAgain() throws {
        let plan = try IndexPlan(
            self.situation {
                let rest = " USING btree (a)"
                $0.tables[0].kind = "p"
                $0.tables.append(.init(oid: 2, parent: 1, schema: "public", name: "one"))
                $0.tables.append(.init(oid: 3, parent: 1, schema: "public", name: "two"))
                $0.tables.append(.init(oid: 4, parent: 1, schema: "public", name: "three"))
                let root = IndexSituation.Existing(
                    oid: 7,
                    name: "public.ix",
                    kind: "I",
                    table: 1,
                    rest: rest,
                    isValid: false
                )
                let attached = IndexSituation.Existing(oid: 8, name: "public.one_ix", table: 2, rest: rest, parent: 7)
                let built = IndexSituation.Existing(oid: 9, name: "public.two_ix", table: 3, rest: rest)
                let broken = IndexSituation.Existing(
                    oid: 10,
                    name: "public.three_ix",
                    table: 4,
                    rest: rest,
                    isValid: false
                )
                for one in [root, attached, built, broken] { $0.named[one.name] = one }
                $0.equal = [1: [root], 2: [attached], 3: [built]]
            }
        )

        #expect(
            plan.script.split(separator: "\n") == [
                "ALTER INDEX public.ix ATTACH PARTITION public.two_ix;",
                "DROP INDEX CONCURRENTLY public.three_ix;",
                "CREATE INDEX CONCURRENTLY three_ix ON public.three (a);",
                "ALTER INDEX public.ix ATTACH PARTITION public.three_ix;",
            ]
        )
    }

    @Test("A member's name is cut to 63 bytes and stays its own")
    func memberNames() {
        let table = IndexSituation.Table(oid: 42, schema: "public", name: String(repeating: "ä", count: 30))
        let name = IndexPlan.memberName(of: "an_index_with_a_long_name", on: table)

        #expect(name.hasSuffix("_42\""))
        #expect(name.dropFirst("public.\"".count).dropLast().utf8.count <= 63)
    }
}

@Suite("CREATE INDEX statements")
struct CreateIndexTests {
    @Test("Name, table and the rest are told apart, whatever is quoted and however it is spaced")
    func parts() throws {
        let all = try CreateIndex.parse(
            """
            create unique index concurrently if not exists "Ix" on only "My S" . "T ""t" using btree (lower(a) desc, b)
            include (c) where b > 1; CREATE INDEX ON t(a);
            """
        )

        #expect(all.map(\.name) == ["Ix", nil])
        #expect(all.map(\.schema) == ["My S", nil])
        #expect(all.map(\.table) == ["T \"t", "t"])
        #expect(all.map(\.isUnique) == [true, false])
        #expect(all.map(\.rest) == ["using btree (lower(a) desc, b)\ninclude (c) where b > 1", "(a)"])
    }

    @Test(
        "Anything else is wrong usage",
        arguments: ["DROP TABLE t", "CREATE INDEX", "", "CREATE INDEX ON t (a); SELECT 1"]
    )
    func others(text: String) {
        #expect(throws: ToolError.self) { _ = try CreateIndex.parse(text) }
    }

    @Test("What was advised is read back as it was meant")
    func advised() throws {
        let definition = IndexDefinition(schema: "public", table: "Odd t", keys: [.column("a")], included: ["b"])

        let request = try CreateIndex(definition, name: "mine")

        #expect(request.name == "mine")
        #expect(request.namedTable == "public.\"Odd t\"")
        #expect(request.rest.contains("(a) INCLUDE (b)"))
    }
}

@Suite("Watching a build")
struct BuildWatchTests {
    private let limits = IndexLimits(wait: .seconds(10), delay: .seconds(1), build: .seconds(100))

    @Test("It may wait for others as long as it may, counted anew each time it goes on")
    func waiting() {
        var watch = BuildWatch(limits: self.limits)

        #expect(watch.take(.init(isWaiting: true), at: 1) == nil)
        #expect(watch.take(.init(isWaiting: true), at: 10.9) == nil)
        #expect(watch.take(.init(), at: 11) == nil)
        #expect(watch.take(.init(isWaiting: true), at: 12) == nil)
        #expect(watch.take(.init(isWaiting: true), at: 22) == .waitedTooLong)
    }

    @Test("It gives way to whoever waits for it too long, and ends when it takes too long")
    func ending() {
        var watch = BuildWatch(limits: self.limits)

        #expect(watch.take(.init(longestVictimSeconds: 0.9), at: 1) == nil)
        #expect(watch.take(.init(longestVictimSeconds: 1), at: 2) == .delaysOthers)
        #expect(watch.take(.init(), at: 100) == .tookTooLong)
    }

    @Test("Where it cannot be seen any more it ends; one look that fails, as when a connection is lost, is made up for")
    func blind() {
        var watch = BuildWatch(limits: self.limits)

        #expect(watch.miss() == nil)
        #expect(watch.miss() == nil)
        #expect(watch.take(.init(), at: 1) == nil)
        #expect([watch.miss(), watch.miss(), watch.miss()] == [nil, nil, .lostSight])
    }

    @Test(
        "What a killed run left is dropped, finished or written off, by what is there",
        arguments: [
            ("CREATE INDEX CONCURRENTLY ix ON t (a)", nil, IndexRecovery.writeOff),
            ("CREATE INDEX CONCURRENTLY ix ON t (a)", false, .dropRemnant),
            ("CREATE INDEX CONCURRENTLY ix ON t (a)", true, .complete),
            ("DROP INDEX CONCURRENTLY ix", nil, .complete),
            ("DROP INDEX CONCURRENTLY ix", false, .finishDrop),
            ("DROP INDEX CONCURRENTLY ix", true, .writeOff),
            ("CREATE INDEX ix ON ONLY t (a)", false, .complete),
            ("CREATE INDEX ix ON ONLY t (a)", nil, .writeOff),
            ("ALTER INDEX ix ATTACH PARTITION part_ix", true, .complete),
            ("DROP INDEX ix", false, .writeOff),
            ("ANALYZE t", nil, .writeOff),
        ] as [(String, Bool?, IndexRecovery)]
    )
    func recovery(statement: String, isValid: Bool?, expected: IndexRecovery) {
        #expect(IndexRecovery(statement: statement, isValid: isValid) == expected)
    }
}

@Suite("Plans to drop indexes")
struct IndexDropPlanTests {
    private func plan(_ index: CatalogIndex, in catalog: Catalog? = nil, besides others: Set<Int> = []) throws
        -> IndexPlan
    {
        try IndexPlan(
            dropping: index,
            in: catalog ?? .of(index),
            besides: others,
            definition: "CREATE INDEX ix10 ON public.big USING btree (a)"
        )
    }

    @Test("An index is dropped concurrently and its definition kept; an expression's statistics are made first")
    func drops() throws {
        let plain = try self.plan(.on(1, oid: 10))
        let expression = try self.plan(.on(0, oid: 10) { $0.keyDefinitions = ["lower(a)"] })
        let root = try self.plan(.on(1, oid: 10) { $0.isPartitioned = true })

        #expect(plain.script == "DROP INDEX CONCURRENTLY public.ix10;")
        #expect(plain.steps[0].undo == "CREATE INDEX ix10 ON public.big USING btree (a)")
        #expect(expression.steps.map(\.kind) == [.statistics, .analyze, .drop])
        #expect(
            expression.steps[0].statement
                == "CREATE STATISTICS IF NOT EXISTS public.ix10_stats ON (lower(a)) FROM public.big"
        )
        #expect(root.script == "DROP INDEX public.ix10;")
    }

    @Test("The statistics of a long name's expressions have names of their own, within 63 bytes")
    func longName() throws {
        let long = "Ä" + String(repeating: "x", count: 58)
        let plan = try self.plan(
            .on(0, 0, oid: 10) {
                $0.name = "public.\"\(long)\""
                $0.keyDefinitions = ["lower(a)", "upper(a)"]
            }
        )

        let names = plan.steps.prefix(2).map { $0.statement.split(separator: "\"")[1] }
        #expect(names.allSatisfy { $0.utf8.count <= 63 })
        #expect(names.map { String($0.suffix(10)) } == ["_10_stats1", "_10_stats2"])
    }

    @Test("What is more than a way to read stays", arguments: protected.indices)
    func stays(position: Int) {
        #expect(throws: ToolError.self) { _ = try self.plan(.on(1, oid: 10, change: Self.protected[position])) }
    }

    private static let protected: [@Sendable (inout CatalogIndex) -> Void] = [
        { $0.isUnique = true }, { $0.isPrimary = true }, { $0.isExclusion = true }, { $0.constraint = "u" },
        { $0.isReplicaIdentity = true }, { $0.isClustered = true }, { $0.parent = 3 }, { $0.isReferenced = true },
    ]

    @Test("Of two that serve a foreign key between them the second stays")
    func foreignKey() throws {
        let key = ForeignKey(
            name: "fk",
            table: 1,
            columns: [1],
            columnNames: ["a"],
            parent: 2,
            parentName: "public.parent"
        )
        let catalog = Catalog.of(.on(1, 2, oid: 10), .on(1, 3, oid: 11), keys: [key])

        #expect(try self.plan(catalog.indexes[0], in: catalog).steps.count == 1)
        #expect(throws: ToolError.self) { _ = try self.plan(catalog.indexes[1], in: catalog, besides: [10]) }
    }
}
