// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Slow queries")
struct SlowQueriesTests {
    private func statistics(_ statements: Statement..., total: Double = 100) -> StatementStatistics {
        StatementStatistics(statements: statements, totalSeconds: total)
    }

    private func statement(_ text: String = "SELECT 1", calls: Int = 100, seconds: Double = 10) -> Statement {
        Statement(id: "-42", text: text, calls: calls, totalSeconds: seconds)
    }

    @Test("A slow statement that runs often and takes its share is found, with its text")
    func slow() {
        let finding = SlowQueries().verdict(on: self.statistics(self.statement("SELECT\n  *  FROM t"))).findings[0]

        #expect(finding.id == "queries.W001")
        #expect(finding.subject == "query -42")
        #expect(finding.evidence.contains(Evidence("query", "SELECT * FROM t")))
        #expect(finding.evidence.contains(Evidence("share of total", .share(0.1))))
    }

    @Test("A quick one, a rare one, and one that takes no time to speak of are not")
    func notSlow() {
        let quick = self.statement(calls: 1000, seconds: 10)
        let rare = self.statement(calls: 10, seconds: 10)

        #expect(SlowQueries().verdict(on: self.statistics(quick, rare)).marks == [])
        #expect(SlowQueries().verdict(on: self.statistics(self.statement(), total: 5000)).marks == [])
    }

    @Test(
        "Our own statements and the server's housekeeping are left out",
        arguments: [
            "/* millwright:catalog-indexes */ SELECT 1", "COPY t FROM stdin", "VACUUM t", "BEGIN",
            "-- note\nCOPY t TO stdout",
        ]
    )
    func leftOut(text: String) {
        #expect(self.statistics(self.statement(text)).judged == [])
    }

    @Test(
        "Comments and parentheses before a statement hide nothing",
        arguments: [
            "-- note\nSELECT 1", "/* a /* nested */ one */ (SELECT 1) UNION (SELECT 2)",
            "with x AS (SELECT 1) SELECT 2",
            "Merge INTO t USING s ON true WHEN MATCHED THEN DELETE",
        ]
    )
    func kept(text: String) {
        #expect(self.statistics(self.statement(text)).judged.count == 1)
    }

    @Test("Hidden statements make it unknown with the GRANT; none at all too; a finding is a finding all the same")
    func blind() {
        var hidden = self.statistics(self.statement(seconds: 0.1))
        hidden.hidden = 3
        hidden.role = "weak role"

        #expect(
            SlowQueries().verdict(on: hidden)
                == .unknown(
                    reason: "The role weak role may not see 3 statements of other roles.",
                    cure: "GRANT pg_read_all_stats TO \"weak role\";"
                )
        )
        guard case .unknown = SlowQueries().verdict(on: self.statistics()) else {
            Issue.record("It should not know.")
            return
        }
        hidden.statements = [self.statement()]
        #expect(SlowQueries().verdict(on: hidden).marks.count == 1)
    }

    @Test("Extension versions compare by number, not by letter")
    func versions() {
        #expect(ExtensionVersion("1.10") > ExtensionVersion("1.9"))
        #expect(ExtensionVersion("1.8") < ExtensionVersion(1, 9))
    }
}
