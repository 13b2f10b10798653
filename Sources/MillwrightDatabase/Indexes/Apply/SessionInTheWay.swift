// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// A transaction that a change of an index has to wait for.
public struct SessionInTheWay: Sendable, Hashable {
    /// What keeps the change waiting.
    public enum Hold: String, Sendable, Hashable {
        /// It has written the table, or holds another lock on it.
        case table = "uses the table"
        /// It sees the database as it was before, whatever it reads.
        case snapshot = "has an older view of the database"
    }

    /// The transaction, for as long as it lasts.
    var transaction: String
    /// The server process; `nil` for a prepared transaction.
    public var pid: Int?
    /// The role, where it may be seen.
    public var role: String?
    /// Its `application_name`, where it may be seen.
    public var application: String?
    /// How long its transaction is open, in seconds.
    public var seconds: Double?
    /// What keeps the change waiting.
    public var hold: Hold

    /// The session in words, without what it runs.
    public var words: String {
        let who = self.pid.map { "session \($0)" } ?? "a prepared transaction"
        let whose = self.role.map { " of \(quoted($0))" } ?? ""
        let age = self.seconds.map { ", open for \(Int($0.rounded())) s" } ?? ""
        return "\(who)\(whose)\(age), \(self.hold.rawValue)"
    }
}

extension SessionInTheWay {
    private init(from cursor: inout RowCursor) throws {
        self.transaction = try cursor.next()
        self.pid = try cursor.next()
        self.role = try cursor.next()
        self.application = try cursor.next()
        self.seconds = try cursor.next()
        self.hold = try cursor.next(Bool.self) ? .table : .snapshot
    }

    /// Whether `pg_stat_activity AS a` is an autovacuum worker: to a role without privileges it shows only that nobody runs it.
    static let isAutovacuum: SQL =
        "coalesce(a.backend_type = 'autovacuum worker', a.pid IS NOT NULL AND a.usesysid IS NULL)"

    /// Reads whom a concurrent build on a table would wait for now, longest first.
    ///
    /// It waits for locks that conflict with SHARE, then for every older snapshot of the database but those of VACUUM. Dropping
    /// an index waits for every lock on the table, and for no snapshot. Autovacuum gives way by itself.
    static func read(
        table: Int,
        dropping: Bool = false,
        but own: [Int],
        from connection: PostgresConnection
    ) async throws -> [SessionInTheWay] {
        try await connection.query(
            """
            /* millwright:index-apply */
            SELECT DISTINCT ON (w.transaction) w.transaction, w.pid, a.usename::text, a.application_name,
                   extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8 AS seconds, w.uses
            FROM (
                SELECT l.virtualtransaction AS transaction, l.pid::bigint AS pid, true AS uses
                FROM pg_catalog.pg_locks AS l
                JOIN pg_catalog.pg_database AS d ON d.oid = l.database
                WHERE l.locktype = 'relation' AND l.granted AND l.relation = \(table)::bigint::oid
                  AND d.datname = pg_catalog.current_database()
                  AND (\(dropping) OR l.mode NOT IN ('AccessShareLock', 'RowShareLock'))
                UNION ALL
                SELECT 'snapshot ' || s.pid || ' ' || coalesce(s.xact_start::text, ''), s.pid, false
                FROM pg_catalog.pg_stat_activity AS s
                WHERE NOT \(dropping) AND s.datname = pg_catalog.current_database() AND s.backend_xmin IS NOT NULL
                  AND s.backend_type = 'client backend'
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid = s.pid)
            ) AS w
            LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = w.pid
            WHERE (w.pid IS NULL OR w.pid <> ALL (\(own)::bigint[]))
              AND NOT \(Self.isAutovacuum)
            ORDER BY w.transaction
            """
        ).map { row in
            var cursor = RowCursor(row)
            return try SessionInTheWay(from: &cursor)
        }.sorted { ($0.seconds ?? 0) > ($1.seconds ?? 0) }
    }
}
