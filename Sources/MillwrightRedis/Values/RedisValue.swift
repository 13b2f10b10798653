// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What Redis answered, as it answered it: bytes stay bytes.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let answer = try await client.send(RedisCommand("HGETALL", "user:1"))
/// let fields = try answer.decode(as: [String: String].self)
/// print(fields["name"] ?? "nobody")
/// ```
/// Kinds below ``array(_:)`` come only where hiredis is 1.0 or newer and the server speaks RESP3; older ones answer with
/// arrays and bytes in their place. ``decode(as:)`` reads both.
public enum RedisValue: Sendable, Hashable {
    /// No value: the key or field is missing.
    case null
    /// A number.
    case integer(Int)
    /// A short word such as `OK`.
    case status(String)
    /// Bytes: a key, a value, a text.
    case bulk([UInt8])
    /// An error inside an array, as `EXEC` answers for a command that failed; at the top it is thrown.
    indirect case error(RedisError)
    /// Several answers.
    case array([RedisValue])
    /// Keys and their values.
    case map([Pair])
    /// Several answers in no order.
    case set([RedisValue])
    /// What the server says without being asked.
    case push([RedisValue])
    /// A number with a fraction.
    case double(Double)
    /// Yes or no.
    case bool(Bool)
    /// The digits of a whole number that may be too big for `Int`.
    case bigNumber(String)
    /// Text for people; its format is `txt` or `mkd`.
    case verbatim(format: String, [UInt8])

    /// A key and its value.
    public struct Pair: Sendable, Hashable {
        /// The key.
        public var key: RedisValue
        /// Its value.
        public var value: RedisValue

        /// Creates a pair.
        public init(key: RedisValue, value: RedisValue) {
            self.key = key
            self.value = value
        }
    }
}

extension RedisValue {
    /// Whether there is no value.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The bytes of a bulk, a status or a text.
    public var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .status(let word): Array(word.utf8)
        case .verbatim(_, let bytes): bytes
        default: nil
        }
    }

    /// The answers of an array or of what is like one; not of a map.
    public var elements: [RedisValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        default: nil
        }
    }

    /// The pairs of a map, or of an array of alternating keys and values, as RESP2 has it.
    public var pairs: [Pair]? {
        switch self {
        case .map(let pairs): pairs
        case .array(let elements) where elements.count.isMultiple(of: 2):
            stride(from: 0, to: elements.count, by: 2).map { Pair(key: elements[$0], value: elements[$0 + 1]) }
        default: nil
        }
    }

    /// Returns the value as a Swift type, or throws ``RedisError/Code/decodingFailed``.
    public func decode<Value: RedisDecodable>(as type: Value.Type = Value.self) throws -> Value {
        try Value(redis: self)
    }

    /// The kind of answer, for messages: never what it holds.
    var kind: String {
        switch self {
        case .null: "nothing"
        case .integer: "a number"
        case .status: "a status"
        case .bulk: "bytes"
        case .error: "an error"
        case .array: "an array"
        case .map: "a map"
        case .set: "a set"
        case .push: "a push"
        case .double, .bigNumber: "a number"
        case .bool: "yes or no"
        case .verbatim: "a text"
        }
    }
}
