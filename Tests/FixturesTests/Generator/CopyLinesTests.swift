// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("COPY lines")
struct CopyLinesTests {
    private func line(_ write: (inout CopyLines) -> Void) -> String {
        var lines = CopyLines()
        write(&lines)
        lines.endRow()
        return String(decoding: lines.take(), as: UTF8.self)
    }

    @Test("Fields are parted by tabs and rows ended by a newline")
    func fields() {
        let text = self.line { lines in
            lines.integer(-120)
            lines.null()
            lines.flag(true)
            lines.text(Words(["a", "größer"]), 1)
        }

        #expect(text == "-120\t\\N\tt\tgrößer\n")
    }

    @Test("Numbers are written in full", arguments: [0, 9, 10, 99, 100, 1_234_567, -1, Int.max, Int.min])
    func integers(value: Int) {
        #expect(self.line { $0.integer(value) } == "\(value)\n")
    }

    @Test("Amounts have two decimals", arguments: [(0, "0.00"), (5, "0.05"), (1999, "19.99"), (10_000, "100.00")])
    func money(cents: Int, expected: String) {
        #expect(self.line { $0.money(cents) } == "\(expected)\n")
    }

    @Test(
        "Times count from 2024, leap day included",
        arguments: [
            (0, "2024-01-01 00:00:00+00"), (86_399, "2024-01-01 23:59:59+00"),
            (59 * 86_400 + 3661, "2024-02-29 01:01:01+00"), (Days.seconds - 1, "2025-12-31 23:59:59+00"),
        ]
    )
    func times(second: Int, expected: String) {
        #expect(self.line { $0.time(second) } == "\(expected)\n")
    }

    @Test("Leading zeros fill a number up, and parts make one field")
    func parts() {
        let text = self.line { lines in
            lines.part("SKU-")
            lines.padded(42, to: 7)
            lines.endField()
        }

        #expect(text == "SKU-0000042\n")
    }

    @Test("A taken buffer is empty again, and a full one says so before it overflows")
    func buffer() {
        var lines = CopyLines(capacity: CopyLines.longestRow + 8)

        lines.integer(12_345_678)
        let wasFull = lines.isFull
        let taken = lines.take()
        let isEmpty = lines.isEmpty

        #expect(wasFull)
        #expect(taken.count == 9)
        #expect(isEmpty)
    }
}
