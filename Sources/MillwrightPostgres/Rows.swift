// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The rows a statement returned, and how many it touched.
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// let rows = try await client.query("SELECT id, name FROM erp_product")
/// for row in rows { print(try row.get("name", as: String.self)) }
/// let pairs = try rows.decode(as: (Int, String).self)
/// print(pairs.count, rows.columns)
/// await client.close()
/// ```
public struct Rows: Sendable, RandomAccessCollection {
    let result: PostgresResult?
    private(set) var scriptedCount: Int?

    init(_ result: PostgresResult?) { self.result = result }

    /// Rows affected by a command that returned none; the number of rows otherwise.
    public var affectedRows: Int { self.scriptedCount ?? self.result?.affectedRows ?? 0 }

    /// Creates rows from values in their text form, as a scripted database answers them.
    package init(columns: [String], texts: [[String?]], affectedRows: Int? = nil) {
        self.result = PostgresResult(columns: columns, texts: texts)
        self.scriptedCount = affectedRows ?? texts.count
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
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// let rows = try await client.query("SELECT id, name FROM erp_product WHERE id = \(42)")
/// if let row = rows.first { print(try row.get(0, as: Int.self), try row.get("name", as: String?.self) ?? "unnamed") }
/// await client.close()
/// ```
public struct Row: Sendable {
    let result: PostgresResult
    let index: Int

    /// The names of the columns, left to right.
    public var columns: [String] { self.result.columns }

    /// The value of a column by its place, counted from 0.
    @inlinable
    public func get<Value: PostgresDecodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
        let cell = try self.cell(column)
        guard let value = try Value(cell) else { throw self.mismatch(column, cell, "\(Value.self)") }
        return value
    }

    @usableFromInline
    func cell(_ column: Int) throws -> PostgresCell {
        guard let cell = self.result.cell(row: self.index, column: column) else {
            throw PostgresError(.decodingFailed, serverMessage: "there is no column \(column)")
        }
        return cell
    }

    @usableFromInline
    func mismatch(_ column: Int, _ cell: PostgresCell, _ type: String) -> PostgresError {
        let what = cell.bytes == nil ? "is NULL" : "is not a \(type)"
        let name = self.result.columns[column]
        return PostgresError(.decodingFailed, serverMessage: "column \"\(name)\" \(what)")
    }

    /// The value of a column by its name.
    public func get<Value: PostgresDecodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        guard let index = self.result.column(named: column) else {
            throw PostgresError(.decodingFailed, serverMessage: "there is no column \"\(column)\"")
        }
        return try self.get(index)
    }
}
