// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A Lua script, known to the server by the digest of its text.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let take = RedisScript("local n = redis.call('GET', KEYS[1]); redis.call('DEL', KEYS[1]); return n")
/// let taken = try await client.eval(take, keys: ["ticket:1"])
/// print(taken.isNull ? "taken by somebody else" : "ours")
/// ```
public struct RedisScript: Sendable, Hashable {
    /// The text.
    public let source: String
    /// The SHA-1 of the text, in hexadecimal.
    public let digest: String

    /// Creates a script.
    public init(_ source: String) {
        self.source = source
        self.digest = SHA1.hexadecimal(of: Array(source.utf8))
    }
}

extension RedisSending {
    /// Runs a script: by its digest, and with its text where the server does not know it yet.
    public nonisolated(nonsending) func eval(
        _ script: RedisScript,
        keys: [any RedisArgument] = [],
        arguments: [any RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws -> RedisValue {
        do {
            return try await self.send(.call("EVALSHA", script.digest, keys, arguments), timeout: timeout)
        } catch let error as RedisError where error.code == .noScript {
            return try await self.send(.call("EVAL", script.source, keys, arguments), timeout: timeout)
        }
    }

    /// Calls a function of a library that `FUNCTION LOAD` has given to the server (7.0 and newer).
    public nonisolated(nonsending) func fcall(
        _ function: String,
        keys: [any RedisArgument] = [],
        arguments: [any RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws -> RedisValue {
        try await self.send(.call("FCALL", function, keys, arguments), timeout: timeout)
    }
}

extension RedisCommand {
    fileprivate static func call(
        _ name: String,
        _ body: String,
        _ keys: [any RedisArgument],
        _ arguments: [any RedisArgument]
    ) -> RedisCommand {
        var command = RedisCommand(name, body, keys.count)
        for key in keys { command.append(key) }
        for argument in arguments { command.append(argument) }
        return command
    }
}
