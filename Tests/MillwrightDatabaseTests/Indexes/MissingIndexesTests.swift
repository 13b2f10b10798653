// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Missing indexes")
struct MissingIndexesTests {
    private func benefit(_ columns: String..., id: String = "7", costs: MissingIndexes.Benefit.Costs? = nil)
        -> MissingIndexes.Benefit
    {
        MissingIndexes.Benefit(
            candidate: IndexCandidate(table: 1, keys: columns.map { IndexCandidate.Key(name: $0) }),
            statement: Statement(id: id, text: "SELECT * FROM big WHERE a = $1", calls: 100, totalSeconds: 5),
            costs: costs
        )
    }

    @Test("A finding names table, columns and statements, and the cost before and after")
    func proved() {
        let costs = MissingIndexes.Benefit.Costs(before: 1000, after: 8)
        let finding = MissingIndexes()
            .verdict(on: .init(catalog: .of(), benefits: [self.benefit("a", "Odd b", costs: costs)])).findings[0]

        #expect(finding.subject == "public.big (a, \"Odd b\")")
        #expect(finding.confidence == .medium)
        #expect(finding.remedy?.commands == ["CREATE INDEX CONCURRENTLY ON public.big (a, \"Odd b\");"])
        #expect(finding.evidence.contains(Evidence("query 7", "SELECT * FROM big WHERE a = $1")))
        #expect(finding.evidence.contains(Evidence("its cost with the index", .number(8))))
    }

    @Test("Of two indexes of which one begins with the other, one is enough for the statements of both")
    func prefixes() {
        let verdict = MissingIndexes()
            .verdict(on: .init(catalog: .of(), benefits: [self.benefit("a"), self.benefit("a", "b", id: "8")]))

        #expect(verdict.marks == ["indexes.W040 public.big (a, b)"])
        #expect(verdict.findings[0].evidence.filter { $0.name.hasPrefix("query ") }.count == 2)
        #expect(verdict.findings[0].confidence == .low)
    }

    @Test("Scans that nobody could judge make it unknown, not well")
    func unjudged() {
        guard
            case .unknown(let reason, let cure) = MissingIndexes().verdict(on: .init(catalog: .of(), unjudged: ["big"]))
        else {
            Issue.record("It should not know.")
            return
        }
        #expect(reason.contains("big"))
        #expect(cure == "CREATE EXTENSION hypopg;")
    }

    @Test("The plan's cost and the tables it reads from end to end are read from EXPLAIN")
    func plan() {
        let json = """
            [{"Plan": {"Node Type": "Limit", "Total Cost": 1234.5, "Plans": [
              {"Node Type": "Hash Join", "Total Cost": 9.25e+02, "Plans": [
                {"Node Type": "Seq Scan", "Relation Name": "My \\"T", "Total Cost": 1},
                {"Node Type": "Index Scan", "Relation Name": "other", "Total Cost": 2}]}]}}]
            """

        #expect(WhatIf.Plan(json: json) == WhatIf.Plan(cost: 1234.5, scanned: ["My \"T"]))
        #expect(WhatIf.Plan(json: "[]") == nil)
        #expect(WhatIf.Plan(json: "{") == nil)
    }
}
