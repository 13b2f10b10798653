// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A value that can be part of a command.
///
/// ```swift
/// struct CartKey: RedisArgument {
///     var user: Int
///
///     func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
///         try "cart:\(self.user)".withRedisBytes(body)
///     }
/// }
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// print(try await client.exists(CartKey(user: 7)))
/// ```
/// It is sent as bytes, whatever it holds.
public protocol RedisArgument: Sendable {
    /// Lends the bytes to `body`.
    func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension String: RedisArgument {
    /// Lends the text's UTF-8.
    @inlinable
    public func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }
}

extension Substring: RedisArgument {
    /// Lends the text's UTF-8.
    @inlinable
    public func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }
}

extension Array: RedisArgument where Element == UInt8 {
    /// Lends the bytes themselves.
    @inlinable
    public func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.withUnsafeBytes(body)
    }
}

extension ArraySlice: RedisArgument where Element == UInt8 {
    /// Lends the bytes themselves.
    @inlinable
    public func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.withUnsafeBytes(body)
    }
}

extension Int: RedisArgument {
    /// Lends the decimal digits.
    @inlinable
    public func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try String(self).withRedisBytes(body)
    }
}

extension Double: RedisArgument {
    /// Lends the shortest decimal form that reads back as the same number.
    @inlinable
    public func withRedisBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.description.withRedisBytes(body)
    }
}
