// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A Lua script, known to the server by the digest of its text.
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
    public func eval(
        _ script: RedisScript,
        keys: [any RedisArgument] = [],
        arguments: [any RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws -> RedisValue {
        func command(_ name: String, _ body: String) -> RedisCommand {
            var command = RedisCommand(name, body, keys.count)
            for key in keys { command.append(key) }
            for argument in arguments { command.append(argument) }
            return command
        }
        do {
            return try await self.send(command("EVALSHA", script.digest), timeout: timeout)
        } catch let error as RedisError where error.code == .noScript {
            return try await self.send(command("EVAL", script.source), timeout: timeout)
        }
    }
}
