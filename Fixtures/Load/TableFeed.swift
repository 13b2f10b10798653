// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Hands one table's rows to COPY, a buffer at a time.
final class TableFeed<Rows: GeneratedTable> {
    private var table: Rows
    private var lines = CopyLines()
    /// How many rows were handed out.
    private(set) var rows = 0

    init(_ table: Rows) { self.table = table }

    /// The next buffer, or `nil` at the end.
    func next() -> [UInt8]? {
        let count = self.table.fill(&self.lines)
        self.rows += count
        return count == 0 ? nil : self.lines.take()
    }
}
