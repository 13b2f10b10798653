// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What Redis answered, as it answered it: bytes stay bytes.
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
    case error(RedisError)
    /// Several answers.
    case array([RedisValue])
}

extension RedisValue {
    /// Whether there is no value.
    public var isNull: Bool { self == .null }

    /// The bytes of a bulk or a status.
    public var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .status(let word): Array(word.utf8)
        default: nil
        }
    }

    /// The answers of an array.
    public var elements: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
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
        }
    }
}
