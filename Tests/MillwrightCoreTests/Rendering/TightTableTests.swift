// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCore

@Suite("Tables where the line is short")
struct TightTableTests {
    private let table = Table(
        "statements",
        title: "Statements",
        columns: [
            .init("query", "Query"), .init("temporary_blocks", "Temporary blocks"), .init("seen", "Last seen"),
        ],
        rows: [
            [.text("SELECT a, b, c FROM t"), .count(7), .time(940)], [.text("SELECT 1"), .count(12), .time(1_000)],
        ]
    )

    @Test("Where all fits, headings take one line and times are ages")
    func wide() {
        let lines = TextTable(self.table, now: 1_000).lines(width: 80, paint: Paint(isOn: false))

        #expect(lines[0] == "Query                  Temporary blocks  Last seen")
        #expect(lines[2] == "SELECT a, b, c FROM t                 7  1 min ago")
        #expect(lines[3].hasSuffix("now"))
    }

    @Test("Where it does not, headings wrap before words are cut, and figures stay whole")
    func tight() {
        let lines = TextTable(self.table, now: 1_000).lines(width: 36, paint: Paint(isOn: false))

        #expect(lines[0] == "                Temporary")
        #expect(lines[1] == "Query              blocks  Last seen")
        #expect(lines[3] == "SELECT a, b, …          7  1 min ago")
        #expect(lines.allSatisfy { $0.count <= 36 })
    }
}
