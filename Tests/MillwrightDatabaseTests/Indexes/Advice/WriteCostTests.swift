// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("What an index costs those who write")
struct WriteCostTests {
    private static let table: AdvisedTable = {
        var table = StatementReadingTests.table("orders", ["id", "tenant", "status", "note"])
        table.insertsPerSecond = 10
        table.updatesPerSecond = 100
        table.hotShare = 0.9
        return table
    }()

    private func index(_ column: String, method: String = "btree") -> IndexDefinition {
        IndexDefinition(schema: "public", table: "orders", method: method, keys: [.init(.column(column))])
    }

    private func cost(
        of column: String,
        method: String = "btree",
        share: Double = 1,
        beside others: [String] = ["id", "tenant"],
        isSummaryHOT: Bool = false
    ) -> WriteCost {
        let statements = [
            Statement(id: "1", text: "UPDATE orders SET status = $1 WHERE id = $2", calls: 40, totalSeconds: 1),
            Statement(id: "2", text: "UPDATE orders SET note = $1, tenant = 1", calls: 60, totalSeconds: 1),
        ]
        let candidate = CandidatePool.Candidate(
            definition: self.index(column, method: method),
            table: 0,
            share: share,
            bytes: 0,
            queries: []
        )
        return WriteCost(
            of: candidate,
            on: Self.table,
            beside: others.map { name in
                let words = name.split(separator: " ").map(String.init)
                return self.index(words[0], method: words.count > 1 ? words[1] : "btree")
            },
            updated: UpdatedColumns(statements),
            isSummaryHOT: isSummaryHOT
        )
    }

    @Test("A column that no update sets has an entry for each new row and each update that is not HOT")
    func plain() {
        let cost = self.cost(of: "id", beside: [])

        #expect(abs(cost.entries - 20) < 1e-9)
        #expect(abs(cost.bytes - 20 * 16) < 1e-9)
    }

    @Test("Updates of its column that were HOT are so no longer, and write to every index of the table")
    func lost() {
        // All 90 HOT updates each second set the status, since those of the tenant are not HOT: an entry in it and in the two others.
        #expect(abs(self.cost(of: "status").entries - (20 + 90 * 3)) < 1e-9)
        #expect(abs(self.cost(of: "status").bytes - (20 + 90 * 3) * 16) < 1e-9)
        #expect(abs(self.cost(of: "status", share: 0.5).entries - (55 + 90 * 2)) < 1e-9)
        #expect(abs(self.cost(of: "status", beside: ["id"]).entries - (20 + 36 * 2)) < 1e-9)
    }

    @Test("Nothing is lost by a column that is indexed, or set with one, nor by a BRIN from PostgreSQL 16 on")
    func kept() {
        #expect(abs(self.cost(of: "tenant").entries - 20) < 1e-9)
        #expect(abs(self.cost(of: "note").entries - 20) < 1e-9)
        #expect(abs(self.cost(of: "status", method: "brin", isSummaryHOT: true).entries - 20) < 1e-9)
        #expect(abs(self.cost(of: "status", method: "brin").entries - 290) < 1e-9)
    }

    @Test("A BRIN that is there stands in no update's way from PostgreSQL 16 on")
    func summaries() {
        #expect(abs(self.cost(of: "status", beside: ["status brin"]).entries - 20) < 1e-9)
        #expect(abs(self.cost(of: "status", beside: ["status brin"], isSummaryHOT: true).entries - 56) < 1e-9)
    }
}
