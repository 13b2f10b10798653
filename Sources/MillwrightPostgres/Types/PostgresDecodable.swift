// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How the server writes a value: as text that people read, or as the bytes its `send` function makes.
public enum PostgresFormat: Sendable, Hashable {
    /// The text form.
    case text
    /// The binary form, in network byte order.
    case binary
}

/// A value as the server sent it, valid only while it is decoded.
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

    /// The text form as a string; invalid UTF-8 is repaired.
    public var text: String? { self.bytes.map { String(decoding: $0, as: UTF8.self) } }
}

/// A Swift type that a value of PostgreSQL can become.
public protocol PostgresDecodable: Sendable {
    /// Creates the value, or `nil` where the cell does not fit.
    init?(_ cell: PostgresCell) throws
}

extension String: PostgresDecodable {
    /// Any type's text form.
    public init?(_ cell: PostgresCell) {
        guard let text = cell.text else { return nil }
        self = text
    }
}

extension Int: PostgresDecodable {
    /// `int2`, `int4`, `int8`, `oid`, and any other text of decimal digits.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes, let value = Int64(digits: bytes) else { return nil }
        self.init(value)
    }
}

extension Int64: PostgresDecodable {
    /// Text of decimal digits.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes, let value = Int64(digits: bytes) else { return nil }
        self = value
    }

    /// Decimal digits with an optional sign; `nil` on anything else and on overflow.
    fileprivate init?(digits bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in rest {
            guard byte >= 48, byte <= 57 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // downwards, so that Int64.min fits
            let (sum, carry) = product.subtractingReportingOverflow(Int64(byte - 48))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        if isNegative {
            self = value
        } else {
            guard value != .min else { return nil }
            self = -value
        }
    }
}

extension Int32: PostgresDecodable {
    /// Text of decimal digits.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }
}

extension UInt32: PostgresDecodable {
    /// An `oid` or `xid`.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }
}

extension Double: PostgresDecodable {
    /// `float4`, `float8`, and `numeric` with what a double keeps of it.
    public init?(_ cell: PostgresCell) {
        guard let text = cell.text else { return nil }
        switch text {
        case "NaN": self = .nan
        case "Infinity": self = .infinity
        case "-Infinity": self = -.infinity
        default:
            guard let value = Double(text) else { return nil }
            self = value
        }
    }
}

extension Bool: PostgresDecodable {
    /// `t` or `f`.
    public init?(_ cell: PostgresCell) {
        switch cell.text {
        case "t": self = true
        case "f": self = false
        default: return nil
        }
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

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// A one-dimensional array.
    public init?(_ cell: PostgresCell) throws {
        guard let text = cell.text, let elements = PostgresArray.elements(of: text) else { return nil }
        var all: [Element] = []
        all.reserveCapacity(elements.count)
        for element in elements {
            guard let value = try Self.decode(element) else { return nil }
            all.append(value)
        }
        self = all
    }

    private static func decode(_ element: String?) throws -> Element? {
        guard var text = element else { return try Element(PostgresCell(bytes: nil, type: 0)) }
        return try text.withUTF8 { try Element(PostgresCell(bytes: UnsafeRawBufferPointer($0), type: 0)) }
    }
}

/// Reads the text form of arrays.
enum PostgresArray {
    /// The elements of a one-dimensional array, `nil` for NULL ones; `nil` where the text is none.
    static func elements(of text: String) -> [String?]? {
        guard text.utf8.first == UInt8(ascii: "{"), text.utf8.last == UInt8(ascii: "}") else { return nil }
        var rest = text.utf8.dropFirst().dropLast()
        var all: [String?] = []
        while !rest.isEmpty {
            guard let element = self.element(from: &rest) else { return nil }
            all.append(element.value)
            if rest.isEmpty { break }
            guard rest.popFirst() == UInt8(ascii: ","), !rest.isEmpty else { return nil }
        }
        return all
    }

    private static func element(from rest: inout Substring.UTF8View) -> (value: String?, ())? {
        guard rest.first == UInt8(ascii: "\"") else {
            let bare = rest.prefix { $0 != UInt8(ascii: ",") }
            guard !bare.isEmpty, !bare.contains(UInt8(ascii: "{")) else { return nil }
            rest = rest.dropFirst(bare.count)
            let value = String(decoding: bare, as: UTF8.self)
            return (value == "NULL" ? nil : value, ())
        }
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return (String(decoding: bytes, as: UTF8.self), ()) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped)
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }
}
