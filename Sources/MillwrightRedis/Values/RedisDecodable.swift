// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A type that an answer of Redis can be read as.
///
/// ```swift
/// struct Price: RedisDecodable {
///     var cents: Int
///
///     init(redis value: RedisValue) throws { self.cents = try value.decode() }
/// }
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let price = try await client.get("price:1", as: Price.self)
/// print(price?.cents ?? 0)
/// ```
public protocol RedisDecodable {
    /// Reads an answer, or throws ``RedisError/Code/decodingFailed``.
    init(redis value: RedisValue) throws
    /// Reads an array of this type; `UInt8` reads bytes here.
    static func array(redis value: RedisValue) throws -> [Self]
}

extension RedisDecodable {
    /// Reads each element of an array.
    public static func array(redis value: RedisValue) throws -> [Self] {
        guard let elements = value.elements else { throw RedisError.cannotDecode(value, as: "an array") }
        return try elements.map { try Self(redis: $0) }
    }
}

extension RedisValue: RedisDecodable {
    /// Takes the answer as it is.
    public init(redis value: RedisValue) { self = value }
}

extension Int: RedisDecodable {
    /// Reads a number, also where it comes as text.
    public init(redis value: RedisValue) throws {
        switch value {
        case .integer(let number): self = number
        case .bulk, .status, .bigNumber:
            guard let number = Int(try String(redis: value)) else {
                throw RedisError.cannotDecode(value, as: "a whole number")
            }
            self = number
        default: throw RedisError.cannotDecode(value, as: "a whole number")
        }
    }
}

extension RedisValue {
    /// Bytes, `nil` where there is no value.
    @usableFromInline
    func bytesIfAny() throws -> [UInt8]? { self.isNull ? nil : try UInt8.array(redis: self) }
}

extension UInt8: RedisDecodable {
    /// Reads a number between 0 and 255.
    public init(redis value: RedisValue) throws {
        guard let byte = UInt8(exactly: try Int(redis: value)) else {
            throw RedisError.cannotDecode(value, as: "a byte")
        }
        self = byte
    }

    /// Reads bytes.
    public static func array(redis value: RedisValue) throws -> [UInt8] {
        guard let bytes = value.bytes else { throw RedisError.cannotDecode(value, as: "bytes") }
        return bytes
    }
}

extension Double: RedisDecodable {
    /// Reads a number, also where it comes as text.
    public init(redis value: RedisValue) throws {
        if case .double(let number) = value {
            self = number
        } else if case .integer(let number) = value {
            self = Double(number)
        } else if let number = Double(try String(redis: value)) {
            self = number
        } else {
            throw RedisError.cannotDecode(value, as: "a number")
        }
    }
}

extension Bool: RedisDecodable {
    /// Reads `1` as true and `0` as false, and `OK` as true.
    public init(redis value: RedisValue) throws {
        switch value {
        case .integer(0), .bool(false): self = false
        case .integer(1), .bool(true), .status("OK"): self = true
        default: throw RedisError.cannotDecode(value, as: "yes or no")
        }
    }
}

extension String: RedisDecodable {
    /// Reads text; bytes that are not UTF-8 are an error, never repaired in silence.
    public init(redis value: RedisValue) throws {
        switch value {
        case .status(let word): self = word
        case .integer(let number): self = String(number)
        case .double(let number): self = String(number)
        case .bigNumber(let digits): self = digits
        case .bulk(let bytes), .verbatim(_, let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw RedisError.cannotDecode(value, as: "UTF-8 text")
            }
            self = text
        default: throw RedisError.cannotDecode(value, as: "text")
        }
    }
}

extension Optional: RedisDecodable where Wrapped: RedisDecodable {
    /// Reads a missing value as `nil`.
    public init(redis value: RedisValue) throws {
        self = value.isNull ? nil : try Wrapped(redis: value)
    }
}

extension Array: RedisDecodable where Element: RedisDecodable {
    /// Reads each element; `[UInt8]` reads bytes.
    public init(redis value: RedisValue) throws { self = try Element.array(redis: value) }
}

extension Dictionary: RedisDecodable where Key: RedisDecodable, Value: RedisDecodable {
    /// Reads a map, or an array of alternating keys and values, as `HGETALL` answers.
    public init(redis value: RedisValue) throws {
        guard let pairs = value.pairs else { throw RedisError.cannotDecode(value, as: "pairs") }
        self.init(minimumCapacity: pairs.count)
        for pair in pairs { self[try Key(redis: pair.key)] = try Value(redis: pair.value) }
    }
}
