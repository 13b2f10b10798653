// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// The counters of pg_stat_statements at one moment, kept in `millwright.samples`: what a later look takes its difference from.
///
/// The view counts from its last reset on; what ran since yesterday, only two readings can tell.
public struct StatementSnapshot: Sendable, Hashable {
    /// What one statement had counted.
    struct Counters: Sendable, Hashable {
        var calls: Int
        var seconds: Double
        var rows: Int
    }

    static let kind = "statements"
    /// Older ones go when a new one is taken.
    static let keptDays = 35

    /// How long ago it was taken, in seconds.
    public internal(set) var age: Double
    var counters: [String: Counters] = [:]
    /// Statements that it has.
    public var count: Int { self.counters.count }
}

extension StatementStatistics {
    /// What ran since a snapshot.
    ///
    /// A statement that counts less than then was thrown out and came back, and where the view was reset everything began anew:
    /// both count as they are.
    func since(_ snapshot: StatementSnapshot) -> StatementStatistics {
        if let window = self.windowSeconds, window < snapshot.age { return self }
        var difference = self
        difference.windowSeconds = snapshot.age
        difference.statements = self.statements.compactMap { statement in
            guard let old = snapshot.counters[statement.id], old.calls <= statement.calls else { return statement }
            guard statement.calls > old.calls else { return nil }
            var statement = statement
            statement.calls -= old.calls
            statement.totalSeconds = max(0, statement.totalSeconds - old.seconds)
            statement.rows = max(0, statement.rows - old.rows)
            return statement
        }.sorted { ($0.totalSeconds, $1.id) > ($1.totalSeconds, $0.id) }
        difference.totalSeconds = difference.statements.reduce(0) { $0 + $1.totalSeconds }
        return difference
    }
}

extension StatementSnapshot {
    // Counters belong to one server; its address tells it from the others.
    static let node: SQL =
        "coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), 'local') || ':' || pg_catalog.current_setting('port')"

    /// Keeps what the statements have counted until now, and forgets snapshots that are too old.
    ///
    /// - Returns: how many statements it has.
    static func take(_ statistics: StatementStatistics, on connection: PostgresConnection) async throws -> Int {
        try await Self.requireTable(on: connection, to: "INSERT, DELETE")
        let figures = statistics.statements.map { "\"\($0.id)\":[\($0.calls),\($0.totalSeconds),\($0.rows)]" }
        try await connection.withTransaction { connection in
            _ = try await connection.query(
                """
                /* millwright:statement-snapshot */
                INSERT INTO millwright.samples (node, kind, subject, figures)
                VALUES (\(Self.node), \(Self.kind), pg_catalog.current_database(),
                        \("{\(figures.joined(separator: ","))}")::text::jsonb)
                """
            )
            _ = try await connection.query(
                """
                /* millwright:statement-snapshot */
                DELETE FROM millwright.samples
                WHERE kind = \(Self.kind) AND taken_at < now() - \(Self.keptDays)::int * interval '1 day'
                """
            )
        }
        return figures.count
    }

    /// The latest snapshot of this server that is at least so old, or else its oldest; `nil` where there is none.
    static func read(
        ofAge seconds: Double,
        on connection: PostgresConnection
    ) async throws -> StatementSnapshot? {
        try await Self.requireTable(on: connection, to: "SELECT")
        let rows = try await connection.query(
            """
            /* millwright:statement-snapshot */
            WITH chosen AS (
                SELECT s.taken_at, s.figures,
                       s.taken_at <= now() - \(seconds)::float8 * interval '1 second' AS is_old
                FROM millwright.samples AS s
                WHERE s.kind = \(Self.kind) AND s.subject = pg_catalog.current_database() AND s.node = \(Self.node)
                ORDER BY is_old DESC, CASE WHEN s.taken_at <= now() - \(seconds)::float8 * interval '1 second'
                                           THEN now() - s.taken_at ELSE s.taken_at - now() END
                LIMIT 1
            )
            SELECT extract(epoch FROM pg_catalog.clock_timestamp() - c.taken_at)::float8, f.key,
                   (f.value -> 0)::bigint, (f.value -> 1)::float8, (f.value -> 2)::bigint
            FROM chosen AS c LEFT JOIN LATERAL pg_catalog.jsonb_each(c.figures) AS f ON true
            """,
            timeout: .seconds(30)
        )
        guard let first = rows.first else { return nil }
        var snapshot = StatementSnapshot(age: try first.get(0, as: Double.self))
        for row in rows {
            guard let id = try row.get(1, as: String?.self) else { continue }
            snapshot.counters[id] = Counters(
                calls: try row.get(2, as: Int.self),
                seconds: try row.get(3, as: Double.self),
                rows: try row.get(4, as: Int.self)
            )
        }
        return snapshot
    }

    static func requireTable(on connection: PostgresConnection, to rights: String) async throws {
        let rows = try await connection.query(
            """
            /* millwright:statement-snapshot */
            SELECT \(OwnTable.oid("samples")) IS NOT NULL, \(OwnTable.isOpen("samples", to: rights)),
                   current_user::text
            """
        )
        var cursor = RowCursor(rows[0])
        let (exists, isOpen) = (try cursor.next(Bool.self), try cursor.next(Bool.self))
        let role = try cursor.next(String.self)
        if exists, isOpen { return }
        throw ToolError(
            .unavailable,
            tried: "Opened the table millwright.samples, in which snapshots of the statements' counters are kept.",
            stopped: exists ? "The role \(quoted(role)) may not use it." : "It is not there.",
            next: exists
                ? "GRANT USAGE ON SCHEMA millwright TO \(quoted(role)); "
                    + "GRANT \(rights) ON millwright.samples TO \(quoted(role));" : "Run `manage migrate` first."
        )
    }
}
