// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

// Commands that wait on the server. Each has a connection of its own while it waits, out of the client's `maximumConnections`. The
// server waits as long as the caller says, and the client for `commandTimeout` longer: a server that is alive always answers
// before the client gives up. A cancelled task closes the connection, which ends the wait on the server.

extension RedisClient {
    /// Takes the first element of the first of some lists that has one, and waits for one where none has.
    ///
    /// Returns `nil` where none came in time. An element that the server hands out while the task is cancelled or the connection
    /// breaks is lost; ``blmove(from:_:to:_:timeout:)`` keeps it in another list.
    ///
    /// - Parameters:
    ///   - keys: the lists, looked at in this order.
    ///   - timeout: how long to wait, in whole milliseconds rounded up; more than zero.
    public func blpop(
        _ keys: [some RedisArgument],
        timeout: Duration
    ) async throws -> (key: [UInt8], element: [UInt8])? {
        try await self.popped(RedisCommand("BLPOP", arguments: keys), timeout: timeout)
    }

    /// Takes the last element of the first of some lists that has one, and waits like ``blpop(_:timeout:)``.
    public func brpop(
        _ keys: [some RedisArgument],
        timeout: Duration
    ) async throws -> (key: [UInt8], element: [UInt8])? {
        try await self.popped(RedisCommand("BRPOP", arguments: keys), timeout: timeout)
    }

    /// Moves an element from one list to another and returns it; waits for one, and returns `nil` where none came in time.
    ///
    /// Nothing is lost where the task is cancelled or the connection breaks: the element is in one of the lists.
    public func blmove(
        from source: some RedisArgument,
        _ sourceEnd: RedisListEnd,
        to destination: some RedisArgument,
        _ destinationEnd: RedisListEnd,
        timeout: Duration
    ) async throws -> [UInt8]? {
        var command = RedisCommand("BLMOVE", source, destination, sourceEnd.word, destinationEnd.word)
        command.append(try Self.seconds(timeout))
        return try await self.blocking(command, for: timeout).decode()
    }

    /// Takes the member with the lowest score of the first of some sorted sets that has one; waits like ``blpop(_:timeout:)``.
    public func bzpopmin(
        _ keys: [some RedisArgument],
        timeout: Duration
    ) async throws -> (key: [UInt8], member: [UInt8], score: Double)? {
        try await self.poppedScored(RedisCommand("BZPOPMIN", arguments: keys), timeout: timeout)
    }

    /// Takes the member with the highest score of the first of some sorted sets that has one; waits like ``blpop(_:timeout:)``.
    public func bzpopmax(
        _ keys: [some RedisArgument],
        timeout: Duration
    ) async throws -> (key: [UInt8], member: [UInt8], score: Double)? {
        try await self.poppedScored(RedisCommand("BZPOPMAX", arguments: keys), timeout: timeout)
    }

    /// Sends any command that waits on the server, on a connection of its own.
    ///
    /// ```swift
    /// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
    /// let command = RedisCommand("XREAD", "BLOCK", 5_000, "STREAMS", "orders", "$")
    /// let entries = try await client.blocking(command, for: .seconds(5))
    /// print(entries.isNull ? "nothing new" : "\(entries.elements?.count ?? 0) streams have entries")
    /// ```
    /// - Parameters:
    ///   - command: the command, with the time to wait among its words.
    ///   - time: how long the server may wait, as the command says; the client waits `commandTimeout` longer.
    public func blocking(_ command: RedisCommand, for time: Duration) async throws -> RedisValue {
        try time.checkFinite()
        let patience = time + self.configuration.commandTimeout
        return try await self.withConnection { try await $0.send(command, timeout: patience) }
    }

    private func popped(
        _ command: RedisCommand,
        timeout: Duration
    ) async throws -> (key: [UInt8], element: [UInt8])? {
        var command = command
        command.append(try Self.seconds(timeout))
        guard let pair = try await self.blocking(command, for: timeout).decode(as: [[UInt8]]?.self) else { return nil }
        guard pair.count == 2 else { throw RedisError(.protocolViolation) }
        return (pair[0], pair[1])
    }

    private func poppedScored(
        _ command: RedisCommand,
        timeout: Duration
    ) async throws -> (key: [UInt8], member: [UInt8], score: Double)? {
        var command = command
        command.append(try Self.seconds(timeout))
        let answer = try await self.blocking(command, for: timeout)
        if answer.isNull { return nil }
        guard let parts = answer.elements, parts.count == 3 else {
            throw RedisError.cannotDecode(answer, as: "a key, a member and a score")
        }
        return (try parts[0].decode(), try parts[1].decode(), try parts[2].decode())
    }

    /// Seconds with three decimals, as the server reads them.
    private static func seconds(_ time: Duration) throws -> String {
        try time.checkFinite()
        let milliseconds = time.wholeMilliseconds
        return "\(milliseconds / 1_000).\(String(1_000 + milliseconds % 1_000).dropFirst())"
    }
}

/// An end of a list.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// let job = try await client.blmove(from: "jobs", .right, to: "running", .left, timeout: .seconds(5))
/// print(job == nil ? "nothing to do" : "a job")
/// ```
public enum RedisListEnd: Sendable, Hashable {
    /// The first element (`LEFT`).
    case left
    /// The last element (`RIGHT`).
    case right

    var word: String { self == .left ? "LEFT" : "RIGHT" }
}

extension RedisConnection {
    /// Waits until replicas have acknowledged the writes of this connection, and returns how many have.
    ///
    /// It says nothing of writes on other connections: write and wait on one that
    /// ``RedisClient/withConnection(isolation:_:)`` lends. Fewer than asked for is an answer, not an error.
    ///
    /// - Parameters:
    ///   - replicas: how many to wait for.
    ///   - timeout: how long the server may wait, in whole milliseconds rounded up; more than zero.
    public nonisolated(nonsending) func wait(forReplicas replicas: Int, timeout: Duration) async throws -> Int {
        try timeout.checkFinite()
        let command = RedisCommand("WAIT", replicas, timeout.wholeMilliseconds)
        return try await self.send(command, timeout: timeout + self.configuration.commandTimeout).decode()
    }
}

extension Duration {
    fileprivate func checkFinite() throws {
        guard self <= .zero else { return }
        throw RedisError(.usage, hint: "A command that waits needs a time to wait; zero would mean for ever.")
    }
}
