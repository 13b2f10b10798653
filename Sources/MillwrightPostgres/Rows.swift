// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The rows a statement returned, and how many it touched.
public struct Rows: Sendable, RandomAccessCollection {
    let result: PostgresResult?

    /// Rows affected by a command that returned none; the number of rows otherwise.
    public let affectedRows: Int

    init(_ result: PostgresResult?) {
        self.result = result
        self.affectedRows = result?.affectedRows ?? 0
    }

    /// Creates rows from values in their text form, as a scripted database answers them.
    package init(columns: [String], texts: [[String?]], affectedRows: Int? = nil) {
        self.result = PostgresResult(columns: columns, texts: texts)
        self.affectedRows = affectedRows ?? texts.count
    }

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { self.result?.rowCount ?? 0 }
    /// The names of the columns, left to right.
    public var columns: [String] { self.result?.columns ?? [] }

    /// One row.
    public subscript(position: Int) -> Row {
        guard let result = self.result, position >= 0, position < result.rowCount else {
            preconditionFailure("row \(position) of \(self.endIndex)")
        }
        return Row(result: result, index: position)
    }

    /// Every row as a tuple, its columns taken left to right.
    ///
    /// - Throws: ``PostgresError`` with code `decodingFailed` naming the column.
    public func decode<each Value: PostgresDecodable>(as _: (repeat each Value).Type) throws -> [(repeat each Value)] {
        try self.map { row in
            var column = 0
            func next<One: PostgresDecodable>(_: One.Type) throws -> One {
                defer { column += 1 }
                return try row.get(column, as: One.self)
            }
            return (repeat try next((each Value).self))
        }
    }
}

/// One row of a result.
public struct Row: Sendable {
    let result: PostgresResult
    let index: Int

    /// The names of the columns, left to right.
    public var columns: [String] { self.result.columns }

    /// The value of a column by its place, counted from 0.
    public func get<Value: PostgresDecodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
        guard column < self.result.columnCount else {
            throw PostgresError(.decodingFailed, serverMessage: "there is no column \(column)")
        }
        let cell = self.cell(column)
        guard let value = try Value(cell) else {
            let name = self.result.columns[column]
            let what = cell.bytes == nil ? "is NULL" : "is not a \(Value.self)"
            throw PostgresError(.decodingFailed, serverMessage: "column \"\(name)\" \(what)")
        }
        return value
    }

    func cell(_ column: Int) -> PostgresCell {
        PostgresCell(
            bytes: self.result.bytes(row: self.index, column: column),
            type: self.result.type(column: column),
            format: self.result.format(column: column)
        )
    }

    /// The value of a column by its name.
    public func get<Value: PostgresDecodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        guard let index = self.result.column(named: column) else {
            throw PostgresError(.decodingFailed, serverMessage: "there is no column \"\(column)\"")
        }
        return try self.get(index)
    }
}
