// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres

/// A transaction that is opened, changes a row, and is then left alone: the session that every DBA has met.
public enum HeldTransaction {
    /// What `pg_stat_activity` shows of it.
    public static let applicationName = "erp import script"

    /// Holds a transaction open for a time, on a connection that does nothing.
    ///
    /// It ends early, without an error, where the server ends the session or goes away; so a sandbox that is stopped takes it
    /// along. Where it ends by itself, the change is rolled back.
    /// - Parameter begun: is told the server process once the transaction is open.
    public static func hold(
        on database: PostgresConfiguration,
        schema: String = "public",
        for duration: Duration,
        begun: @Sendable (_ process: Int) -> Void = { _ in }
    ) async throws {
        var configuration = database
        configuration.applicationName = Self.applicationName
        let holder = try await PostgresConnection.connect(configuration)
        do {
            let process = try await Self.open(on: holder, schema: schema)
            begun(process)
            try await Self.watch(process, database, until: .now + duration)
            await holder.close()
        } catch {
            await holder.close()
            throw error
        }
    }

    private static func open(on holder: PostgresConnection, schema: String) async throws -> Int {
        try await holder.execute("SELECT set_config('search_path', quote_ident(\(schema)), false)")
        let rows = try await holder.query("SELECT pg_backend_pid()")
        try await holder.execute("BEGIN")
        try await holder.execute("UPDATE erp_warehouse SET note = 'Recount on Monday' WHERE id = 1")
        return try rows[0].get(0, as: Int.self)
    }

    /// Waits, and asks another session now and then: a question on the holder itself would end its idling.
    private static func watch(
        _ process: Int,
        _ database: PostgresConfiguration,
        until end: ContinuousClock.Instant
    ) async throws {
        var unanswered = 0
        while ContinuousClock.now < end, unanswered < 3 {
            try await Task.sleep(for: min(.seconds(1), end - .now))
            switch await Self.isThere(process, database) {
            case true?: unanswered = 0
            case false?: return
            // A busy server may be slow to answer once; one that is gone stays silent.
            case nil: unanswered += 1
            }
        }
    }

    private static func isThere(_ process: Int, _ database: PostgresConfiguration) async -> Bool? {
        guard let watcher = try? await PostgresConnection.connect(database) else { return nil }
        let rows = try? await watcher.query("SELECT FROM pg_catalog.pg_stat_activity WHERE pid = \(process)")
        await watcher.close()
        return rows.map { !$0.isEmpty }
    }
}
