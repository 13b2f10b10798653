// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis

/// The commands on the copies in Redis, all on one connection that the caller names.
struct SessionCopies: Sendable {
    let layout: KeyLayout
    let timeout: Duration
    /// For how long a token stands: longer than PostgreSQL may take to answer.
    let tokenLifetime: Duration

    private func name(_ key: String, _ generation: Int) -> SessionCopyName {
        SessionCopyName(scope: self.layout.scope, generation: generation, key: key)
    }

    func get(_ key: String, _ generation: Int, on connection: RedisConnection) async throws -> SessionEntry? {
        let value = try await connection.send(RedisCommand("GET", self.name(key, generation)), timeout: self.timeout)
        return value.isNull ? nil : SessionEntry(try value.decode(as: [UInt8].self))
    }

    /// Leaves a token where nothing stands, and returns whether it did.
    func leave(token: String, _ key: String, _ generation: Int, on connection: RedisConnection) async throws -> Bool {
        let command = RedisCommand(
            "SET",
            self.name(key, generation),
            SessionEntry.token(token).bytes,
            "NX",
            "PX",
            self.tokenLifetime.wholeMilliseconds
        )
        return try await !connection.send(command, timeout: self.timeout).isNull
    }

    func fill(
        _ session: StoredSession,
        token: String,
        _ key: String,
        _ generation: Int,
        milliseconds: Int,
        on connection: RedisConnection
    ) async throws {
        _ = try await connection.eval(
            SessionScripts.fill,
            keys: [self.name(key, generation)],
            arguments: [SessionEntry.token(token).bytes, SessionEntry.copy(session).bytes, milliseconds],
            timeout: self.timeout
        )
    }

    /// - Parameter equals: whether a copy of the same version is replaced: only its expiry has changed.
    func apply(
        _ session: StoredSession,
        _ key: String,
        _ generation: Int,
        milliseconds: Int,
        equals: Bool = false,
        on connection: RedisConnection
    ) async throws {
        _ = try await connection.eval(
            SessionScripts.apply,
            keys: [self.name(key, generation)],
            arguments: [session.version, SessionEntry.copy(session).bytes, milliseconds, equals ? 1 : 0],
            timeout: self.timeout
        )
    }

    /// Puts tombstones, at most so many at once that nobody else waits for long.
    func bury(
        _ ended: [(key: String, version: Int)],
        _ generation: Int,
        milliseconds: Int,
        on connection: RedisConnection
    ) async throws {
        for start in stride(from: 0, to: ended.count, by: 500) {
            let part = ended[start..<min(start + 500, ended.count)]
            _ = try await connection.eval(
                SessionScripts.bury,
                keys: part.map { self.name($0.key, generation) },
                arguments: [milliseconds] + part.map(\.version),
                timeout: self.timeout
            )
        }
    }

    /// Asks a server who it is, and whether it takes writes; `nil` where it is no primary.
    func identify(_ connection: RedisConnection) async throws -> String? {
        let probe = RedisCommand("SET", self.layout.stored("session:probe"), "1", "PX", 1_000)
        let answers = try await connection.pipeline(
            [RedisCommand("ROLE"), RedisCommand("INFO", "server"), probe],
            timeout: self.timeout
        )
        for answer in answers { if case .error(let error) = answer { throw error } }
        guard case .primary = try answers[0].decode(as: RedisRole.self) else { return nil }
        return try answers[1].decode(as: String.self).split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("run_id:") }.map { String($0.dropFirst(7)) }
    }
}
