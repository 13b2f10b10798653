// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A statement with its values: what is interpolated is bound, never glued.
///
/// ```swift
/// let category = "tools"
/// let sql: SQL = "SELECT name FROM erp_product WHERE id = \(42) AND category = \(category)"   // … = $1 … = $2
/// let drop: SQL = "DROP INDEX CONCURRENTLY \(identifier: "public").\(identifier: "Odd ix")"
/// ```
public struct SQL: Sendable, Hashable {
    /// One value as it is bound: PostgreSQL's text form, or NULL.
    public struct Bind: Sendable, Hashable {
        /// The text form; `nil` is NULL.
        public var text: String?
        /// The type, where the server shall not infer it from where the value stands.
        public var type: PostgresType
        /// Creates a bind.
        public init(_ text: String?, type: PostgresType = .inferred) {
            self.text = text
            self.type = type
        }
    }

    /// The statement, with `$1`, `$2` … where values were.
    public private(set) var text: String
    /// The values, in order.
    public private(set) var binds: [Bind]
    /// How the server shall write the result's values; another statement put into this one does not change it.
    public var results: PostgresFormat = .text

    /// Creates a statement from text that no user wrote; a reviewer greps for `unsafe`.
    public init(unsafe text: String) {
        self.text = text
        self.binds = []
    }

    /// A name, quoted.
    public static func identifier(_ name: String) -> SQL { SQL(unsafe: Conninfo.quoted(name)) }

    /// Several parts, with `separator` between them.
    public static func joined(_ parts: [SQL], separator: String) -> SQL {
        var all = SQL(unsafe: "")
        for (index, part) in parts.enumerated() {
            if index > 0 { all.text += separator }
            all.append(part)
        }
        return all
    }

    /// Puts another statement's text at the end, its values renumbered.
    public mutating func append(_ other: SQL) {
        guard !other.binds.isEmpty, !self.binds.isEmpty else {
            self.text += other.text
            self.binds += other.binds
            return
        }
        self.text += Self.renumbered(other.text, by: self.binds.count)
        self.binds += other.binds
    }

    /// Throws where the protocol cannot carry it: there are too many values, or the text or a value holds a zero byte.
    ///
    /// PostgreSQL's text can hold none, and its protocol ends text with one: what stands behind it would be lost unseen.
    func requireSendable() throws {
        guard self.binds.count <= Self.mostBinds else {
            throw PostgresError(
                .usage,
                serverMessage: "the statement binds \(self.binds.count) values; the protocol carries \(Self.mostBinds)",
                hint: "Bind arrays and unnest() them, or copy the rows in."
            )
        }
        guard !self.text.holdsZeroByte else {
            throw PostgresError(.usage, serverMessage: "the statement holds a zero byte")
        }
        for (index, bind) in self.binds.enumerated() where bind.text?.holdsZeroByte ?? false {
            throw PostgresError(
                .usage,
                serverMessage: "the value of $\(index + 1) holds a zero byte, which no text of PostgreSQL can",
                hint: "Bind it as [UInt8] where it is to be stored in a bytea."
            )
        }
    }

    /// The protocol counts them in 16 bits.
    private static let mostBinds = 65_535

    fileprivate mutating func append(literal: String) { self.text += literal }

    fileprivate mutating func append(_ bind: Bind) {
        self.binds.append(bind)
        self.text += "$\(self.binds.count)"
    }

    /// Moves every `$n` outside of quotes.
    private static func renumbered(_ text: String, by offset: Int) -> String {
        var result = ""
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "$" {
                let digits = rest.prefix { $0.isNumber }
                if let number = Int(digits) {
                    rest = rest.dropFirst(digits.count)
                    result += "$\(number + offset)"
                    continue
                }
            }
            result.append(character)
        }
        return result
    }
}

extension SQL: ExpressibleByStringInterpolation {
    /// Creates a statement from a literal.
    public init(stringLiteral value: String) { self.init(unsafe: value) }
    /// Creates a statement from a literal with values in it.
    public init(stringInterpolation: Interpolation) { self = stringInterpolation.sql }

    /// Collects a literal and the values in it.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var sql = SQL(unsafe: "")

        /// Starts empty.
        public init(literalCapacity: Int, interpolationCount: Int) {}
        /// Adds the literal's own text.
        public mutating func appendLiteral(_ literal: String) { self.sql.append(literal: literal) }
        /// Binds a value.
        public mutating func appendInterpolation(_ value: some PostgresEncodable) { self.sql.append(value.bind) }
        /// Binds a value or NULL.
        public mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
            self.sql.append(value?.bind ?? SQL.Bind(nil))
        }
        /// Binds a value as a type that the server cannot infer: `unnest(\(ids, as: .int8Array))`.
        public mutating func appendInterpolation(_ value: some PostgresEncodable, as type: PostgresType) {
            self.sql.append(SQL.Bind(value.bind.text, type: type))
        }
        /// Quotes a name.
        public mutating func appendInterpolation(identifier name: String) {
            self.sql.append(literal: Conninfo.quoted(name))
        }
        /// Puts in another statement, with its values.
        public mutating func appendInterpolation(_ other: SQL) { self.sql.append(other) }
    }
}

extension String {
    fileprivate var holdsZeroByte: Bool {
        self.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? self.utf8.contains(0)
    }
}
