// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Something that sends commands to Redis: a connection, or a client that finds one.
///
/// ```swift
/// func total(of names: [String], in redis: some RedisSending) async throws -> Int {
///     let answers = try await redis.pipeline(names.map { RedisCommand("GET", $0) })
///     return try answers.map { try $0.decode(as: Int?.self) ?? 0 }.reduce(0, +)
/// }
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// print(try await total(of: ["a", "b"], in: client))
/// ```
public protocol RedisSending: Sendable {
    /// Sends a command and returns its answer; an error that the server answers is thrown.
    ///
    /// - Parameters:
    ///   - command: the command.
    ///   - timeout: how long to wait for the answer; `nil` waits as long as the configuration says.
    nonisolated(nonsending) func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue

    /// Sends commands together, without the commands of others between them, and returns their answers in order.
    ///
    /// An error that the server answers to one of them is among the answers: the others have run.
    nonisolated(nonsending) func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue]

    /// Runs commands in one `MULTI` … `EXEC`: all or, where one of them is malformed, none.
    ///
    /// An error that a command meets while it runs is among the answers; Redis does not roll back. Throws
    /// ``RedisError/Code/transactionAborted`` where a watched key changed.
    nonisolated(nonsending) func transaction(_ commands: [RedisCommand], timeout: Duration?) async throws
        -> [RedisValue]
}

extension RedisSending {
    /// Sends a command and returns its answer, waiting as long as the configuration says.
    public nonisolated(nonsending) func send(_ command: RedisCommand) async throws -> RedisValue {
        try await self.send(command, timeout: nil)
    }

    /// Sends commands together and returns their answers in order, waiting as long as the configuration says.
    public nonisolated(nonsending) func pipeline(_ commands: [RedisCommand]) async throws -> [RedisValue] {
        try await self.pipeline(commands, timeout: nil)
    }

    /// Runs commands in one `MULTI` … `EXEC`, waiting as long as the configuration says.
    public nonisolated(nonsending) func transaction(_ commands: [RedisCommand]) async throws -> [RedisValue] {
        try await self.transaction(commands, timeout: nil)
    }

    /// Sends a command and reads its answer as `type`.
    nonisolated(nonsending) func send<Value: RedisDecodable>(_ command: RedisCommand, as type: Value.Type) async throws
        -> Value
    {
        try await self.send(command, timeout: nil).decode(as: type)
    }
}
