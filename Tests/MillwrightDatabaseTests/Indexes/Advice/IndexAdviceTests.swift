// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Index advice as a report")
struct IndexAdviceTests {
    @Test("On a partitioned table an index that cannot be simulated is made part by part, as PostgreSQL takes it")
    func partitioned() throws {
        let definition = IndexDefinition(schema: "public", table: "t", method: "gin", keys: [.column("facts")])
        let advised = IndexAdvice.Recommendation(
            definition: definition,
            name: "t_facts_idx1",
            sizeBytes: 8192,
            savedShare: 0,
            bytesWrittenPerSecond: 0,
            tableRows: 1000,
            queries: [],
            replaces: [],
            buildSeconds: 1,
            partitions: [.init(oid: 2, parent: 1, schema: "public", name: "t_1")]
        )
        var advice = IndexAdvice()
        advice.queries = 1
        advice.untested = [advised]

        let finding = try #require(advice.section.outcomes[0].verdict.findings.first)

        #expect(finding.id == "indexes.I091")
        #expect(finding.remedy?.commands == advised.commands)
        #expect(finding.remedy?.commands.first?.hasPrefix("CREATE INDEX t_facts_idx1 ON ONLY public.t ") == true)
    }
}
