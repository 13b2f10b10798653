// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One table's rows, made one after the other.
protocol GeneratedTable: Sendable {
    /// The table's name, without a schema.
    var name: String { get }
    /// How many rows it will make, or close to it; progress is measured by it.
    var expectedRows: Int { get }
    /// Writes the next row; false, and nothing written, after the last.
    mutating func writeRow(into lines: inout CopyLines) -> Bool
}

extension GeneratedTable {
    /// Writes rows until the buffer is full or the table ends; returns how many.
    mutating func fill(_ lines: inout CopyLines) -> Int {
        var rows = 0
        while !lines.isFull, self.writeRow(into: &lines) { rows &+= 1 }
        return rows
    }
}
