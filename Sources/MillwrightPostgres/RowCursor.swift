// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A value made from one row, column by column.
///
/// ```swift
/// struct Product: RowDecodable {
///     var id: Int
///     var name: String?
///
///     init(from cursor: inout RowCursor) throws {
///         self.id = try cursor.next()
///         self.name = try cursor.next()
///     }
/// }
/// ```
public protocol RowDecodable: Sendable {
    /// Creates the value from the columns, left to right.
    init(from cursor: inout RowCursor) throws
}

/// Reads a row's columns from left to right, in the order the statement names them.
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// for row in try await client.query("SELECT id, name FROM erp_product") {
///     var cursor = RowCursor(row)
///     print(try cursor.next(Int.self), try cursor.next(String.self))
/// }
/// await client.close()
/// ```
public struct RowCursor {
    @usableFromInline let row: Row
    @usableFromInline var index = 0

    /// Starts at the first column.
    @inlinable
    public init(_ row: Row) { self.row = row }

    /// The next column's value.
    ///
    /// - Throws: ``PostgresError`` with code `decodingFailed` naming the column.
    @inlinable
    public mutating func next<Value: PostgresDecodable>(_ type: Value.Type = Value.self) throws -> Value {
        defer { self.index += 1 }
        return try self.row.get(self.index, as: type)
    }
}

extension Rows {
    /// Every row as a value.
    ///
    /// - Throws: ``PostgresError`` with code `decodingFailed` naming the column.
    @inlinable
    public func values<Value: RowDecodable>(as type: Value.Type = Value.self) throws -> [Value] {
        try self.map { row in
            var cursor = RowCursor(row)
            return try Value(from: &cursor)
        }
    }
}
