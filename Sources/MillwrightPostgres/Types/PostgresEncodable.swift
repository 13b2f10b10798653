// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A value that can be bound to a statement.
///
/// Values are bound as text, and the server infers their types from where they stand; `\(value, as: .int8Array)` names one.
///
/// ```swift
/// struct Percent: PostgresEncodable {
///     var value: Double
///     var bind: SQL.Bind { self.value.bind }
/// }
/// let sql: SQL = "SELECT name FROM erp_product WHERE discount > \(Percent(value: 12.5))"
/// ```
public protocol PostgresEncodable: Sendable {
    /// The value in PostgreSQL's text form.
    var bind: SQL.Bind { get }

    /// An array of such values; only `UInt8`, whose array is a `bytea`, has its own.
    static func bind(array: [Self]) -> SQL.Bind
}

extension PostgresEncodable {
    /// An array literal, each element quoted, its type left to the server.
    public static func bind(array: [Self]) -> SQL.Bind {
        SQL.Bind(ArrayLiteral.text(array.map { ArrayLiteral.quoted($0.bind.text) }))
    }
}

extension String: PostgresEncodable {
    /// Itself.
    public var bind: SQL.Bind { SQL.Bind(self) }
}
extension Int: PostgresEncodable {
    /// Decimal digits.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }
}
extension Int64: PostgresEncodable {
    /// Decimal digits.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }
}
extension Int32: PostgresEncodable {
    /// Decimal digits.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }
}
extension Int16: PostgresEncodable {
    /// Decimal digits.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }
}
extension UInt32: PostgresEncodable {
    /// Decimal digits, as an `oid`.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }
}
extension UInt64: PostgresEncodable {
    /// Decimal digits, as an `xid8`.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }
}
extension Double: PostgresEncodable {
    /// The shortest digits that give the same number; `NaN` and `Infinity` as PostgreSQL spells them.
    public var bind: SQL.Bind {
        SQL.Bind(self.isNaN ? "NaN" : self.isInfinite ? (self > 0 ? "Infinity" : "-Infinity") : String(self))
    }
}
extension Float: PostgresEncodable {
    /// The shortest digits that give the same number; `NaN` and `Infinity` as PostgreSQL spells them.
    public var bind: SQL.Bind {
        SQL.Bind(self.isNaN ? "NaN" : self.isInfinite ? (self > 0 ? "Infinity" : "-Infinity") : String(self))
    }
}
extension Bool: PostgresEncodable {
    /// `t` or `f`.
    public var bind: SQL.Bind { SQL.Bind(self ? "t" : "f") }
}
extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// The value, or NULL.
    public var bind: SQL.Bind { self?.bind ?? SQL.Bind(nil) }
}
extension Array: PostgresEncodable where Element: PostgresEncodable {
    /// An array literal, its type left to the server; a `bytea` for `[UInt8]`.
    public var bind: SQL.Bind { Element.bind(array: self) }

    /// An array literal with another dimension, or an array of `bytea`.
    public static func bind(array: [[Element]]) -> SQL.Bind {
        let elements = array.map { $0.bind.text }
        return SQL.Bind(
            ArrayLiteral.text(
                Element.self == UInt8.self ? elements.map(ArrayLiteral.quoted) : elements.map { $0 ?? "NULL" }
            )
        )
    }
}

/// Writes array literals.
enum ArrayLiteral {
    static func text(_ elements: some Collection<String>) -> String { "{" + elements.joined(separator: ",") + "}" }

    /// An element in double quotes, so that nothing in it is taken for the array's own.
    static func quoted(_ text: String?) -> String {
        guard let text else { return "NULL" }
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { result.append(UInt8(ascii: "\\")) }
            result.append(byte)
        }
        return String(decoding: result + [UInt8(ascii: "\"")], as: UTF8.self)
    }
}
