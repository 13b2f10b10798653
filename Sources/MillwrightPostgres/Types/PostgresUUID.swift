// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A `uuid`, 16 bytes, ordered as PostgreSQL orders them.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let id = PostgresUUID("6b2f7a2e-3f1e-4f0c-9e57-5f6d2a3f9f10")
/// let names = try await connection.query("SELECT name FROM erp_user WHERE id = \(id)", as: String.self)
/// let ids = try await connection.query("SELECT gen_random_uuid()", as: PostgresUUID.self)
/// ```
public struct PostgresUUID: Sendable, Hashable, Comparable, PostgresDecodable, PostgresEncodable {
    /// The first eight bytes as a number.
    public let high: UInt64
    /// The last eight bytes as a number.
    public let low: UInt64

    /// Creates a UUID from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Creates a UUID from its usual text of 36 characters, in either case; `nil` where it is none.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Self(text: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// A `uuid`, or its text.
    public init?(_ cell: PostgresCell) {
        if cell.format == .binary, cell.type == PostgresType.uuid.rawValue {
            guard let bytes = cell.bytes, bytes.count == 16 else { return nil }
            self.init(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        } else {
            guard let text = cell.text(whereType: cell.type == PostgresType.uuid.rawValue) else { return nil }
            self.init(text: text)
        }
    }

    private init?(text bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 36 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<36 {
            if Self.isDash(at: index) {
                guard bytes[index] == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = UInt8(hexDigit: bytes[index]) else { return nil }
                high = high << 4 | low >> 60
                low = low << 4 | UInt64(digit)
            }
        }
        self.init(high: high, low: low)
    }

    /// The dashes of the text stand at these places.
    private static func isDash(at index: Int) -> Bool { index == 8 || index == 13 || index == 18 || index == 23 }

    /// Orders by the bytes.
    public static func < (one: Self, other: Self) -> Bool { (one.high, one.low) < (other.high, other.low) }

    /// The text form.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
}

extension PostgresUUID: CustomStringConvertible {
    /// The text in lower case: `6b2f7a2e-3f1e-4f0c-9e57-5f6d2a3f9f10`.
    public var description: String {
        var (high, low) = (self.high, self.low)
        return String(unsafeUninitializedCapacity: 36) { text in
            for index in 0..<36 {
                guard !Self.isDash(at: index) else {
                    text[index] = UInt8(ascii: "-")
                    continue
                }
                text[index] = UInt8(high >> 60).hexDigit
                high = high << 4 | low >> 60
                low <<= 4
            }
            return 36
        }
    }
}

extension UInt8 {
    /// The number that a hexadecimal digit stands for.
    init?(hexDigit: UInt8) {
        switch hexDigit {
        case 48...57: self = hexDigit - 48
        case 65...70: self = hexDigit - 55
        case 97...102: self = hexDigit - 87
        default: return nil
        }
    }

    /// The digit for a number below 16.
    var hexDigit: UInt8 { self < 10 ? self + 48 : self + 87 }
}
