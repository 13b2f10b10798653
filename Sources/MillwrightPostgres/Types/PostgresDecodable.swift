// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How the server writes a value: as text that people read, or as the bytes its `send` function makes.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let rows = try await connection.query("SELECT id, total FROM erp_order", results: .binary)
/// let orders = try rows.decode(as: (Int, PostgresNumeric).self)
/// ```
public enum PostgresFormat: Sendable, Hashable {
    /// The text form.
    case text
    /// The binary form, in network byte order.
    case binary
}

/// A value as the server sent it, valid only while it is decoded.
///
/// ```swift
/// struct Length: PostgresDecodable {
///     var bytes: Int
///     init?(_ cell: PostgresCell) {
///         guard let bytes = cell.bytes else { return nil }
///         self.bytes = bytes.count
///     }
/// }
/// ```
public struct PostgresCell {
    /// The value in its ``format``; `nil` for NULL.
    public let bytes: UnsafeRawBufferPointer?
    /// The `oid` of its type.
    public let type: UInt32
    /// How `bytes` are written.
    public let format: PostgresFormat

    init(bytes: UnsafeRawBufferPointer?, type: UInt32, format: PostgresFormat = .text) {
        self.bytes = bytes
        self.type = type
        self.format = format
    }

    /// The text form as a string, invalid UTF-8 repaired; `nil` for NULL and where a binary value is no text.
    public var text: String? { String(self) }
}

/// A Swift type that a value of PostgreSQL can become.
///
/// It reads text results and binary ones, and gives the same value from both. An enum with raw values needs no code:
///
/// ```swift
/// enum Mood: String, PostgresDecodable, PostgresEncodable { case happy, sad }
/// struct Percent: PostgresDecodable {
///     var value: Double
///     init?(_ cell: PostgresCell) throws {
///         guard let value = Double(cell), (0...100).contains(value) else { return nil }
///         self.value = value
///     }
/// }
/// ```
public protocol PostgresDecodable: Sendable {
    /// Creates the value, or `nil` where the cell does not fit: an error with code `decodingFailed` then names the column.
    init?(_ cell: PostgresCell) throws

    /// Creates an array of such values from an array of PostgreSQL; only `UInt8`, whose array is a `bytea`, has its own.
    static func array(of cell: PostgresCell) throws -> [Self]?
}

extension PostgresDecodable {
    /// The elements of an array with one dimension, or `nil` where the cell is none.
    public static func array(of cell: PostgresCell) throws -> [Self]? {
        try ArrayElements.decode(cell, isNested: false)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// `nil` for NULL.
    public init?(_ cell: PostgresCell) throws {
        guard cell.bytes != nil else {
            self = nil
            return
        }
        guard let value = try Wrapped(cell) else { return nil }
        self = value
    }
}
