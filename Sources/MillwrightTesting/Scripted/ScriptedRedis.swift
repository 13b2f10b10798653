// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis
import Synchronization

/// A Redis that answers from a script and keeps what it was sent, for tests that need no server.
///
/// ```swift
/// import MillwrightRedis
///
/// let redis = ScriptedRedis([.bulk(Array("hello".utf8)), .error(RedisError(.loading))])
/// let greeting = try await redis.get("greeting", as: String.self)
/// let isLoading = try? await redis.get("greeting") == nil    // throws the error
/// print(greeting ?? "", isLoading ?? true, redis.commands)   // hello true [GET, GET]
/// ```
/// A command of a pipeline or transaction takes one answer each. An `.error` is thrown by a single command and is among the
/// answers of several, as with a server. A task that is cancelled gets a `CancellationError` in place of an answer; the time
/// limit of a command means nothing here.
public final class ScriptedRedis: RedisSending {
    private let answer: @Sendable (RedisCommand) async throws -> RedisValue
    private let sent = Mutex<[RedisCommand]>([])

    /// Creates a Redis that gives these answers one after the other; a command after the last is an error (`closed`).
    public convenience init(_ answers: [RedisValue]) {
        let rest = Script(answers)
        self.init { _ in
            guard let answer = rest.next() else {
                throw RedisError(.closed, hint: "The script has no answer left.")
            }
            return answer
        }
    }

    /// Creates a Redis that asks `answer` for each command.
    public init(answer: @escaping @Sendable (RedisCommand) async throws -> RedisValue) { self.answer = answer }

    /// The commands so far, in the order in which they were sent.
    public var commands: [RedisCommand] { self.sent.withLock { $0 } }

    /// Answers from the script.
    public func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue {
        let value = try await self.value(command)
        if case .error(let error) = value { throw error }
        return value
    }

    /// Answers each from the script.
    public func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue] {
        var values: [RedisValue] = []
        for command in commands { values.append(try await self.value(command)) }
        return values
    }

    /// Answers each from the script.
    public func transaction(_ commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue] {
        try await self.pipeline(commands, timeout: timeout)
    }

    private func value(_ command: RedisCommand) async throws -> RedisValue {
        try Task.checkCancellation()
        self.sent.withLock { $0.append(command) }
        return try await self.answer(command)
    }
}
