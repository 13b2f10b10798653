// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The advisory lock that lets one migration run at a time.
///
/// It belongs to the session: a runner that dies lets go of it with its connection, and nothing has to be cleaned up.
enum MigrationLock {
    /// "Mill": the first half of every advisory lock of Millwright's.
    static let space = 0x4D69_6C6C
    /// The second half: migrations.
    static let number = 1

    /// Takes the lock; `nil` when it was free, else who holds it.
    static func take(on connection: PostgresConnection) async throws -> String? {
        let rows = try await connection.query(
            "/* millwright:migration-lock */ SELECT pg_try_advisory_lock(\(Self.space)::int, \(Self.number)::int)"
        )
        if try rows.first?.get(0, as: Bool.self) ?? false { return nil }
        return try await Self.holder(on: connection)
    }

    private static func holder(on connection: PostgresConnection) async throws -> String {
        let rows = try await connection.query(
            """
            /* millwright:migration-lock-holder */
            SELECT l.pid,
                   a.usename::text,
                   a.application_name,
                   host(a.client_addr),
                   extract(epoch FROM clock_timestamp() - a.backend_start)::bigint
            FROM pg_catalog.pg_locks AS l
            LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'advisory'
              AND l.granted
              AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
              AND l.classid = \(Self.space)::oid
              AND l.objid = \(Self.number)::oid
            ORDER BY l.pid
            """,
            as: (Int, String?, String?, String?, Int?).self
        )
        guard let (pid, role, application, host, seconds) = rows.first else { return "A run that has just ended" }
        let who = "\(application ?? "another session") (process \(pid) of role \(role ?? "unknown"))"
        return "\(who), connected from \(host ?? "this machine") for \(seconds ?? 0) s,"
    }
}
