// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// Reads a row's columns from left to right, in the order the statement names them.
struct RowCursor {
    private let row: Row
    private var index = 0

    init(_ row: Row) { self.row = row }

    mutating func next<Value: PostgresDecodable>(_ type: Value.Type = Value.self) throws -> Value {
        defer { self.index += 1 }
        return try self.row.get(self.index, as: type)
    }

    /// Reads one of the catalog's vectors (`int2vector`, `oidvector`), which arrive as "1 2 3".
    mutating func nextVector() throws -> [Int] {
        try self.next(String.self).split(separator: " ").compactMap { Int($0) }
    }
}

/// A value made from one row, column by column.
protocol RowDecodable: Sendable {
    init(from cursor: inout RowCursor) throws
}

extension Rows {
    /// Reads every row as a value.
    func values<Value: RowDecodable>(as type: Value.Type = Value.self) throws -> [Value] {
        try self.map { row in
            var cursor = RowCursor(row)
            return try Value(from: &cursor)
        }
    }
}
