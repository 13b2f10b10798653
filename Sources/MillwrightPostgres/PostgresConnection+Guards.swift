// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresConnection {
    /// Runs `body` with other guards, and puts back what was there before when it ends in any way.
    ///
    /// Within a transaction they end with it at the latest. Where they cannot be put back, the connection is closed.
    ///
    /// - Throws: what `body` threw; ``PostgresError`` with code `usage` behind a pooler outside of a transaction, because the
    ///   session belongs to others as well there: use ``withTransaction(_:isolation:_:)``.
    @discardableResult
    public func withGuards<Value: Sendable>(
        _ guards: PostgresGuards,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let former = try await self.set(guards)
        do {
            let value = try await body(self)
            try await self.restore(former)
            return value
        } catch {
            await self.restoreOrClose(former)
            throw error
        }
    }

    /// What was set before, and whether only until the end of the transaction.
    struct FormerSettings: Sendable {
        var settings: [(name: String, value: String)]
        var isLocal: Bool
    }

    private func set(_ guards: PostgresGuards) async throws -> FormerSettings {
        let isLocal = self.isInTransaction
        if !isLocal, try await self.server().isBehindPooler {
            throw PostgresError(.usage, serverMessage: "guards hold only in a transaction behind a pooler")
        }
        let names = guards.settings.map(\.name)
        let values = try await self.query(
            "SELECT current_setting(name) FROM unnest(\(names)::text[]) WITH ORDINALITY AS t (name, n) ORDER BY n",
            as: String.self
        )
        try await self.apply(guards.settings, isLocal: isLocal)
        return FormerSettings(settings: Array(zip(names, values)), isLocal: isLocal)
    }

    private func apply(_ settings: [(name: String, value: String)], isLocal: Bool) async throws {
        let (names, values) = (settings.map(\.name), settings.map(\.value))
        _ = try await self.query(
            """
            SELECT set_config(name, value, \(isLocal)::bool)
            FROM unnest(\(names)::text[], \(values)::text[]) AS t (name, value)
            """
        )
    }

    /// A transaction that has ended, or failed and will be rolled back, has put its own settings back already.
    private func restore(_ former: FormerSettings) async throws {
        guard !former.isLocal || self.isInTransaction && !self.isInFailedTransaction else { return }
        try await self.apply(former.settings, isLocal: former.isLocal)
    }

    /// Puts settings back although the task may be cancelled.
    private nonisolated func restoreOrClose(_ former: FormerSettings) async {
        await Task(executorPreference: self.loop) {
            do { try await self.restore(former) } catch { await self.abandon(error) }
        }.value
    }
}
