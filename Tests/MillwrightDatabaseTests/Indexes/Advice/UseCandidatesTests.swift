// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Candidates for one use of a table")
struct UseCandidatesTests {
    private func candidates(_ change: (inout TableUse) -> Void) -> UseCandidates {
        var table = StatementReadingTests.table("orders", ["tenant", "status", "created", "total", "note"])
        table.columns[1].distinct = 4
        table.columns[2].correlation = 0.999
        table.columns[4].patternClass = "text_pattern_ops"
        table.columns[4].length = -1
        table.columns[4].averageWidth = 80
        var use = TableUse(table: 0)
        change(&use)
        return UseCandidates(use: use, table: table)
    }

    private func bodies(_ definitions: [IndexDefinition]) -> Set<String> { Set(definitions.map(\.body)) }

    @Test("Equality comes before order and range, and all one way needs no direction")
    func order() {
        let made = self.candidates {
            $0.equal = [.column("tenant")]
            $0.ranges = [.column("total")]
            $0.order = [.column("created", isDescending: true)]
            $0.columns = ["tenant", "total", "created"]
        }

        #expect(
            self.bodies(made.plain).isSuperset(of: ["(tenant, created)", "(tenant, total)", "(tenant, created, total)"])
        )
        #expect(made.plain.allSatisfy { !$0.body.contains("DESC") })
    }

    @Test("Mixed directions are kept")
    func mixed() {
        let made = self.candidates {
            $0.order = [.column("created", isDescending: true), .column("total")]
        }

        #expect(self.bodies(made.plain).contains("(created DESC, total)"))
    }

    @Test("A covering index has every column that is read, as keys where equal ones are stored once")
    func covering() {
        let made = self.candidates {
            $0.equal = [.column("tenant")]
            $0.columns = ["tenant", "status", "created"]
        }

        #expect(
            made.covering.allSatisfy { $0.columns == ["tenant", "status", "created"] } && !made.covering.isEmpty
        )
        #expect(self.bodies(made.covering) == ["(tenant, created, status)"])
    }

    @Test("A lasting condition limits an index and is no key of it; one of many values does not")
    func partial() {
        let made = self.candidates {
            $0.equal = [.column("tenant"), .column("status")]
            $0.columns = ["tenant", "status"]
            $0.conditions = [
                .init(sql: "status = 'new'", kind: .value(column: "status")),
                .init(sql: "tenant = 7", kind: .value(column: "tenant")),
            ]
        }

        #expect(self.bodies(made.partial).contains("(tenant) WHERE status = 'new'"))
        #expect(made.partial.allSatisfy { $0.predicate == "status = 'new'" })
    }

    @Test("BRIN where rows lie in a column's order, hash for wide values, an operator class for patterns")
    func special() {
        let made = self.candidates {
            $0.ranges = [.column("created")]
            $0.equal = [.column("note")]
            $0.patterns = [.column("note")]
        }

        #expect(
            self.bodies(made.special) == ["USING brin (created)", "USING hash (note)", "(note text_pattern_ops)"]
        )
    }

    @Test("A BRIN that finds single values has short ranges, one for ranges those of the default")
    func shortRanges() {
        let equal = self.candidates { $0.equal = [.column("created")] }.special
        let range = self.candidates { $0.ranges = [.column("created")] }.special

        #expect(equal.count == 1 && (equal[0].pagesPerRange ?? 128) < 128)
        #expect(equal[0].body.hasPrefix("USING brin (created) WITH (pages_per_range = "))
        #expect(range.map(\.body) == ["USING brin (created)"])
    }

    @Test("Two indexes with the same first key become one with all columns of both")
    func merge() {
        let keys: [IndexDefinition.Key] = [.column("tenant")]
        let one = IndexDefinition(schema: "public", table: "orders", keys: keys, included: ["total"])
        let other = IndexDefinition(
            schema: "public",
            table: "orders",
            keys: keys + [.column("created")],
            included: ["note"]
        )

        #expect(CandidateMerge.merged(one, other)?.body == "(tenant, created) INCLUDE (note, total)")
        #expect(CandidateMerge.merged(one, one) == nil)
    }
}
