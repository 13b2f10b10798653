// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCore
import Testing

@Suite("HTML reports")
struct HTMLReportTests {
    @Test(
        "A page loads nothing, runs nothing and forbids both",
        arguments: [Samples.tune, Samples.hostile, Samples.empty]
    )
    func selfContained(report: Report) {
        let page = report.rendered(as: .html)

        #expect(page.hasPrefix("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
        #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
        for forbidden in [
            "<script", "<link", "<img", "<iframe", " src=", "url(", "@import", "http://", "https://", "onload=",
        ] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
    }

    @Test(
        "A page is well formed: every element that is opened is closed",
        arguments: [Samples.tune, Samples.data, Samples.hostile, Samples.empty]
    )
    func wellFormed(report: Report) {
        let page = report.rendered(as: .html)
        var open: [Substring] = []
        for match in page.matches(of: #/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?>/#) where match.2 != "meta" {
            if match.1.isEmpty {
                if !match.0.hasSuffix("/>") { open.append(match.2) }
            } else {
                #expect(open.popLast() == match.2)
            }
        }

        #expect(open.isEmpty)
    }

    @Test("The score is a ring of that length, its parts are bars, unknown parts are not judged")
    func score() {
        let page = Samples.tune.rendered(as: .html)

        #expect(page.contains("aria-label=\"Score 44 of 100\""))
        #expect(page.contains("stroke-dasharray=\"44 100\""))
        #expect(page.contains("<a class=\"name\" href=\"#part-0\">Indexes</a>"))
        #expect(page.contains("<small class=\"unknown\">2 unknown</small>"))
        #expect(page.contains("<span class=\"name\">Sequences</span>"))
    }

    @Test("A finding is a card of its severity with evidence and SQL to paste")
    func finding() {
        let page = Samples.tune.rendered(as: .html)

        #expect(page.contains("<article class=\"card finding critical\"><h3><span class=\"badge\">critical</span>"))
        #expect(page.contains("<dt>size</dt><dd>1.2 GB</dd>"))
        #expect(page.contains("<pre><code>DROP INDEX CONCURRENTLY public.&quot;Odd ix&quot;;</code></pre>"))
        #expect(page.contains("<pre><code>GRANT pg_read_all_stats TO app;</code></pre>"))
    }

    @Test("Figures stand to the right, and long texts may wrap")
    func table() {
        let page = Samples.data.rendered(as: .html)

        #expect(page.contains("<th scope=\"col\" class=\"n\">Calls</th>"))
        #expect(page.contains("<td class=\"n\">12,345</td>"))
        #expect(page.contains("<td class=\"long\">SELECT *\n  FROM erp_salesorder"))
    }

    @Test("Bars are in proportion and longest first; a line leaves a gap where a value is missing")
    func charts() {
        let bars = Chart(
            "B",
            kind: .bars,
            points: [.init("small", .bytes(50)), .init("none", .missing), .init("big", .bytes(200))]
        )
        let line = Chart(
            "L",
            kind: .line,
            points: [.init("a", 1), .init("b", 3), .init("c", .missing), .init("d", 2), .init("e", 2)]
        )
        let report = Report(
            command: "c",
            title: "T",
            createdAt: 0,
            sections: [Section("s", title: "S", charts: [bars, line])]
        )

        let page = report.rendered(as: .html)

        let lengths = page.matches(of: #/class="fill" width="([0-9.]+)"/#).map { String($0.1) }
        #expect(lengths == ["100", "25", "0"])
        #expect(
            page.matches(of: #/class="stroke" d="([^"]*)"/#).map { String($0.1) } == [
                "M1 65.33L25.5 4", "M74.5 34.67L99 34.67",
            ]
        )
    }

    @Test(
        "Charts of nothing, of one point and of what is no number fail nothing",
        arguments: [
            [], [.init("a", 1)], [.init("a", "words"), .init("b", .missing)],
            [.init("a", .number(.nan)), .init("b", 1)],
            [.init("a", .number(-2)), .init("b", .number(-1))], [.init("a", 0), .init("b", 0)],
        ] as [[Chart.Point]]
    )
    func oddCharts(points: [Chart.Point]) {
        let charts = [Chart("B", kind: .bars, points: points), Chart("L", kind: .line, points: points)]
        let report = Report(
            command: "c",
            title: "T",
            createdAt: 0,
            sections: [Section("s", title: "S", charts: charts)]
        )

        let page = report.rendered(as: .html)

        #expect(!page.contains("nan") && !page.contains("inf\""))
        #expect(page.matches(of: #/ (width|d)="[^"]*–/#).isEmpty)
    }

    @Test("Hostile names are words in every place where they stand")
    func hostile() {
        let page = Samples.hostile.rendered(as: .html)

        #expect(!page.contains("<script") && !page.contains("</script"))
        #expect(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;␛[2J␛]0;owned␇|`x`,&quot;y&quot;"))
    }

    @Test("Many findings of one id are folded into a table with all their commands")
    func folds() {
        let findings = (0..<9).map {
            Finding(
                "a.W001",
                .warning,
                on: "ix\($0)",
                message: "M.",
                remedy: Remedy("R.", commands: ["DROP INDEX ix\($0);"]),
                weight: Double(-$0)
            )
        }
        let outcome = CheckOutcome(name: "a", title: "A", verdict: .findings(findings))
        let report = Report(
            command: "c",
            title: "T",
            createdAt: 0,
            sections: [Section("s", title: "S", outcomes: [outcome])]
        )

        let page = report.rendered(as: .html)

        #expect(page.contains("<summary>4 more of a.W001</summary>"))
        #expect(page.contains("DROP INDEX ix5;\nDROP INDEX ix6;\nDROP INDEX ix7;\nDROP INDEX ix8;</code>"))
    }
}
