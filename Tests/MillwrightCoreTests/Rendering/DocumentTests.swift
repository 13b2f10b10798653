// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("CSV, Markdown and one line")
struct DocumentTests {
    @Test("CSV of a report with one table is that table, in plain values")
    func csvTable() {
        #expect(
            Samples.data.rendered(as: .csv)
                == "query,calls,total_seconds,hit_ratio\r\n"
                + "\"SELECT *\n  FROM erp_salesorder\n WHERE customer_id = $1\",12345,81.2,0.9981\r\n"
                + "\"UPDATE tasks SET title = $1, note = '日本語 | text' WHERE id = $2\",7,0.00035,\r\n"
        )
    }

    @Test("CSV of any other report is its findings, and what could not be told is not left out")
    func csvFindings() {
        let report = Report(command: "tune", title: "T", createdAt: 0, sections: [Samples.indexes, Samples.sequences])
        var unknown = Samples.queries
        unknown.tables = []

        let lines = report.rendered(as: .csv).split(separator: "\r\n")
        let other = Report(command: "tune", title: "T", createdAt: 0, sections: [unknown]).rendered(as: .csv)

        #expect(lines.count == 4)
        #expect(
            lines[1] == """
                indexes,unused-indexes,finding,warning,indexes.W001,"public.""Odd ix""\",\
                "Index on public.erp_orderitem was never scanned, but every write keeps it up to date.",\
                idx_scan=0; size=1288490189; statistics window=273600,"Make sure that no replica uses it, then drop it.",\
                "DROP INDEX CONCURRENTLY public.""Odd ix"";",medium,"indexes.W001:public.""Odd ix""\",,
                """
        )
        #expect(other.contains("queries,slow-queries,unknown,,,,,,,,,,Statistics of other roles are hidden.,GRANT"))
    }

    @Test("CSV quotes what RFC 4180 wants quoted, and every line has as many cells")
    func csvQuotes() {
        let table = Table(
            "t",
            title: "T",
            columns: [.init("a", "A"), .init("b", "B")],
            rows: [["x\"y", " z"], ["only one"]]
        )
        let report = Report(
            command: "c",
            title: "T",
            createdAt: 0,
            sections: [Section("s", title: "S", tables: [table])]
        )

        #expect(report.rendered(as: .csv) == "a,b\r\n\"x\"\"y\",\" z\"\r\nonly one,\r\n")
        #expect(Samples.empty.rendered(as: .csv).split(separator: "\r\n").count == 1)
    }

    @Test("Markdown has a heading for each finding, its evidence, its remedy and aligned tables")
    func markdown() {
        let text = Samples.tune.rendered(as: .markdown)

        #expect(
            text.hasPrefix("# Tune: database default, cache default\n\n`tune` · 2025-11-21 11:28:03 UTC · 1 critical")
        )
        #expect(
            text.contains(
                """
                ### Warning: public."Odd ix" (`indexes.W001`)

                Index on public.erp\\_orderitem was never scanned, but every write keeps it up to date.

                - idx\\_scan: 0
                - size: 1.2 GB
                - statistics window: 3 d 4 h

                **Remedy:** Make sure that no replica uses it, then drop it.

                ```sql
                DROP INDEX CONCURRENTLY public."Odd ix";
                ```
                """
            )
        )
        #expect(text.contains("| Query | Calls | Total | Hits |\n| --- | ---: | ---: | ---: |\n| SELECT \\*"))
        #expect(text.contains("note = '日本語 \\| text'"))
        #expect(text.contains("```sh\nmanage index_audit --format table\n"))
    }

    @Test("Markdown from hostile names holds no HTML and closes each fence it opens")
    func markdownHostile() {
        var report = Samples.hostile
        report.next = ["a ``` b ```` c"]
        let text = report.rendered(as: .markdown)
        let prose = text.split(separator: "\n").filter { !$0.hasPrefix("</script>") }.joined()

        #expect(!prose.contains("<script"))
        #expect(text.contains("`````sh\na ``` b ```` c\n`````\n"))
        #expect(!text.holdsControls)
    }

    @Test(
        "The summary is one line",
        arguments: [
            (
                Samples.tune,
                """
                tune: 1 critical, 1 error, 1 warning, 1 info, 2 unknown, 2 ok; score 44/100; worst: sequences.C001 \
                public.erp_salesorder_id_seq: The sequence runs out in 3 d 4 h at its present rate.\n
                """
            ),
            (Samples.empty, "tune: nothing checked\n"),
            (
                Report(
                    command: "check",
                    title: "",
                    createdAt: 0,
                    sections: [
                        Section("s", title: "S", outcomes: [CheckOutcome(name: "a", title: "A", verdict: .ok([]))])
                    ]
                ),
                "check: no findings, 1 ok\n"
            ),
        ]
    )
    func summary(report: Report, line: String) {
        #expect(report.rendered(as: .summary) == line)
    }

    @Test("Names that hold controls steer no terminal", arguments: ReportFormat.allCases)
    func controls(format: ReportFormat) {
        let text = Samples.hostile.rendered(as: format).replacing("\r\n", with: "\n")

        #expect(!text.holdsControls)
    }
}
