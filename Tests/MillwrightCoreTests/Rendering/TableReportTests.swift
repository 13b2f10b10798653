// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCore

@Suite("Tables at a terminal")
struct TableReportTests {
    @Test("Columns are aligned by what a terminal shows, figures to the right")
    func aligned() {
        let table = Table(
            "t",
            title: "T",
            columns: [.init("a", "Name"), .init("b", "Size"), .init("c", "Note")],
            rows: [
                ["日本語", .bytes(2048), "x"], ["naïve", .missing, "long note"], ["👩‍🔧", .bytes(5 << 20), .missing],
                ["é", 3],
            ]
        )

        #expect(
            Self.text(of: table) == """
                Name    Size  Note
                ──────  ────  ─────────
                日本語  2 kB  x
                naïve      –  long note
                👩‍🔧      5 MB  –
                é          3

                """
        )
    }

    @Test("The widest words are cut first, figures and short words never")
    func cut() {
        let table = Table(
            "t",
            title: "T",
            columns: [.init("a", "Table"), .init("b", "Query"), .init("c", "Calls")],
            rows: [["erp_product", .text(String(repeating: "SELECT ", count: 30)), 1_234_567]]
        )

        let lines = Self.text(of: table, width: 50).split(separator: "\n")

        #expect(lines[2] == "erp_product  SELECT SELECT SELECT SELE…  1,234,567")
        #expect(lines.allSatisfy { $0.displayWidth <= 50 })
    }

    @Test("A very narrow terminal makes the lines too long, not the program fail", arguments: [1, 5, 20])
    func narrow(width: Int) {
        let text = Samples.tune.rendered(as: .table, options: RenderOptions(width: width))

        #expect(text.contains("12,345"))
    }

    @Test("Several tables have headings, an empty one says so, and findings follow")
    func several() {
        var report = Samples.tune
        report.sections[0].tables = [Table("none", title: "Empty", columns: [.init("a", "A")])]

        let text = report.rendered(as: .table)

        #expect(text.hasPrefix("Empty\n(none)\n\nSlowest queries\nQuery"))
        #expect(text.contains("\n\nFindings\nSeverity  Id"))
        #expect(text.contains("\n\nCould not tell\nChecks"))
    }

    @Test("A report without tables and findings is its summary")
    func nothing() {
        #expect(Samples.empty.rendered(as: .table) == "tune: nothing checked\n")
    }

    @Test(
        "Words are as wide as a terminal shows them",
        arguments: [
            ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("👩‍🔧", 2), ("ｱ", 1), ("한글", 4), ("❤️", 2), ("\u{200B}", 0),
            ("–…·", 3),
        ]
    )
    func widths(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test("Cutting never splits a character, and never exceeds the width")
    func cutting() {
        #expect("日本語".cut(to: 6) == "日本語")
        #expect("日本語".cut(to: 5) == "日本…")
        #expect("日本語".cut(to: 4) == "日…")
        #expect("abc".cut(to: 1) == "…")
    }

    @Test("Wrapping keeps words whole, however long")
    func wrapping() {
        #expect(wrapped("a bb  ccc\ndddddddddddd e", width: 6) == ["a bb", "ccc", "dddddddddddd", "e"])
        #expect(wrapped("", width: 6) == [])
        #expect(wrapped("a b", width: -3) == ["a b"])
    }

    private static func text(of table: Table, width: Int = 80) -> String {
        Report(command: "c", title: "T", createdAt: 0, sections: [Section("s", title: "S", tables: [table])])
            .rendered(as: .table, options: RenderOptions(width: width))
    }
}
