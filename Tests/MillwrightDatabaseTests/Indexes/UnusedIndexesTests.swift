// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Unused indexes")
struct UnusedIndexesTests {
    private static let day = 86_400.0

    /// Counters that began thirty days ago, and indexes that are older.
    private func verdict(
        _ index: CatalogIndex,
        keys: [ForeignKey] = [],
        change: (inout UnusedIndexes.Observation) -> Void = { _ in }
    ) -> Verdict {
        var observation = UnusedIndexes.Observation(
            catalog: .of(index, keys: keys),
            window: StatisticsWindow(
                now: 100 * Self.day,
                serverStart: 1,
                databaseReset: nil,
                sharedReset: 70 * Self.day
            ),
            firstSeen: [index.name: 10 * Self.day]
        )
        change(&observation)
        return UnusedIndexes().verdict(on: observation)
    }

    @Test("An index that nobody scanned for a month is unused")
    func unused() {
        let verdict = self.verdict(.on(1, oid: 10))

        #expect(verdict.marks == ["indexes.W020 public.ix10"])
        #expect(verdict.findings[0].confidence == .high)
        #expect(verdict.findings[0].evidence.contains(Evidence("watched", .seconds(30 * Self.day))))
    }

    @Test(
        "An index that serves, enforces, identifies or belongs to something is never named",
        arguments: untouchable.indices
    )
    func kept(position: Int) {
        #expect(self.verdict(.on(1, oid: 10, change: Self.untouchable[position])).marks == [])
    }

    private static let untouchable: [@Sendable (inout CatalogIndex) -> Void] = [
        { $0.scans = 1 }, { $0.isUnique = true }, { $0.isPrimary = true }, { $0.isExclusion = true },
        { $0.constraint = "x" }, { $0.isReplicaIdentity = true }, { $0.isClustered = true }, { $0.parent = 3 },
        { $0.pages = 10 }, { $0.isValid = false },
    ]

    @Test("The only index that serves a foreign key stays")
    func foreignKey() {
        let key = ForeignKey(
            name: "fk",
            table: 1,
            columns: [1],
            columnNames: ["a"],
            parent: 2,
            parentName: "public.parent"
        )

        #expect(self.verdict(.on(1, oid: 10), keys: [key]).marks == [])
    }

    @Test("The index that is to serve a redundant one's statements stays, however little it was scanned itself")
    func heir() {
        let narrow = CatalogIndex.on(1, oid: 11) { $0.scans = 1_000_000 }
        let wide = CatalogIndex.on(1, 2, oid: 12)
        var observation = UnusedIndexes.Observation(
            catalog: .of(narrow, wide),
            window: StatisticsWindow(now: 100 * Self.day, serverStart: 1, sharedReset: 70 * Self.day),
            firstSeen: [narrow.name: 10 * Self.day, wide.name: 10 * Self.day]
        )
        #expect(CoveredIndexes().verdict(on: observation.catalog).marks == ["indexes.W011 public.ix11"])
        #expect(UnusedIndexes().verdict(on: observation).marks == [])

        observation.catalog = .of(CatalogIndex.on(1, oid: 11), wide)
        #expect(
            UnusedIndexes().verdict(on: observation).marks == ["indexes.W020 public.ix11", "indexes.W020 public.ix12"]
        )
    }

    @Test("Where nothing is counted, nothing is said")
    func notCounting() {
        let verdict = self.verdict(.on(1, oid: 10)) { $0.window.isCounting = false }

        guard case .unknown(let reason, _) = verdict else { return #expect(Bool(false), "\(verdict)") }
        #expect(reason.contains("track_counts"))
    }

    @Test("When the counters are young, nothing is said of any index")
    func youngCounters() {
        let verdict = self.verdict(.on(1, oid: 10)) { $0.window.sharedReset = 99 * Self.day }

        guard case .unknown(let reason, let cure) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(reason.contains("1 d"))
        #expect(cure?.contains("6 d") == true)
    }

    @Test("An index of unknown age is not named; one made last week not either")
    func youngIndex() {
        let ageless = self.verdict(.on(1, oid: 10)) { $0.firstSeen = [:] }
        let young = self.verdict(.on(1, oid: 10) { $0.writtenAt = 96 * Self.day }) { $0.firstSeen = [:] }
        let justKept = self.verdict(.on(1, oid: 10) { $0.writtenAt = 10 * Self.day }) {
            $0.firstSeen["public.ix10"] = 100 * Self.day
        }

        guard case .unknown(_, let cure) = ageless else {
            Issue.record("\(ageless)")
            return
        }
        #expect(cure?.contains("index_audit --snapshot") == true)
        guard case .unknown(let reason, let youngCure) = young else {
            Issue.record("\(young)")
            return
        }
        #expect(reason.contains("public.ix10, 4 d old"))
        #expect(youngCure == "Ask again in 3 d.")
        #expect(justKept.marks == ["indexes.W020 public.ix10"])
    }

    @Test("Beside an unused index those that are too young to judge are named as facts")
    func youngBesideUnused() {
        let observation = UnusedIndexes.Observation(
            catalog: .of(.on(1, oid: 10), .on(2, oid: 11)),
            window: StatisticsWindow(now: 100 * Self.day, serverStart: 1, sharedReset: 70 * Self.day),
            firstSeen: ["public.ix10": 10 * Self.day, "public.ix11": 98 * Self.day]
        )

        #expect(UnusedIndexes().verdict(on: observation).marks == ["indexes.W020 public.ix10"])
        #expect(
            UnusedIndexes().exhibits(on: observation).facts == [
                Evidence("not scanned, too young to judge", "public.ix11, 2 d old")
            ]
        )
    }

    @Test("With a standby that was not asked the finding is of medium confidence and says so")
    func standby() {
        let finding = self.verdict(.on(1, oid: 10)) { $0.window.standbys = 2 }.findings[0]

        #expect(finding.confidence == .medium)
        #expect(finding.evidence.contains(Evidence("standbys not seen", 2)))
    }

    @Test("An expression's statistics are made before its index goes")
    func expression() {
        let commands = self.verdict(.on(0, oid: 10) { $0.keyDefinitions = ["lower(email)"] }).findings[0].remedy?
            .commands

        #expect(
            commands == [
                "CREATE STATISTICS IF NOT EXISTS public.ix10_stats ON (lower(email)) FROM public.big;",
                "ANALYZE public.big;",
                "DROP INDEX CONCURRENTLY public.ix10;",
            ]
        )
    }

    @Test("The index of a partitioned table is judged by all its parts")
    func partitions() {
        let root = CatalogIndex.on(1, oid: 10) { ($0.isPartitioned, $0.pages) = (true, 0) }
        let middle = CatalogIndex.on(1, oid: 11) { ($0.isPartitioned, $0.parent, $0.pages) = (true, 10, 0) }
        let scanned = CatalogIndex.on(1, oid: 12) { ($0.parent, $0.scans) = (11, 3) }
        let idle = CatalogIndex.on(1, oid: 13) { $0.parent = 11 }

        #expect(Catalog.of(root, middle, scanned, idle).wholeIndexes.map(\.scans) == [3])
        #expect(Catalog.of(root, middle, idle).wholeIndexes.map(\.pages) == [1000])
    }

    @Test("A crash moves only the shared reset times, and they begin the window even before a later clean start")
    func window() {
        let crashed = StatisticsWindow(now: 1000, serverStart: 900, databaseReset: nil, sharedReset: 500)
        let reset = StatisticsWindow(now: 1000, serverStart: 100, databaseReset: 950, sharedReset: 500)
        let silent = StatisticsWindow(now: 1000, serverStart: 100, databaseReset: nil, sharedReset: nil)

        #expect(crashed.length == 500)
        #expect(reset.length == 50)
        #expect(silent.length == 900)
    }
}
