// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// Who is connected, and how many may be.
struct ConnectionSurvey: Sendable {
    /// The connections of one application, role, client and state.
    struct Group: Sendable, Hashable {
        var application: String
        var user: String
        var database: String
        /// The client's address; nothing over a local socket.
        var address: String?
        var state: String
        var count: Int
        /// How long the one that has been in its state longest has been in it.
        var longestSeconds = 0.0
        /// How many have been in their state for longer than the leak threshold.
        var oldCount = 0
    }

    /// A limit of a role or database of its own, with what is in use.
    struct Limit: Sendable, Hashable {
        var subject: String
        var limit: Int
        var used: Int
    }

    var groups: [Group]
    var limits: [Limit] = []
    var maximum = 100
    /// Kept for superusers, and from PostgreSQL 16 on for members of pg_use_reserved_connections.
    var reserved = 3
    var seesSessions = true
    var role = "app"

    /// What an ordinary role can have.
    var capacity: Int { max(1, self.maximum - self.reserved) }

    var used: Int { self.groups.map(\.count).reduce(0, +) }

    /// Why the groups are not all there is.
    var obstacle: Obstacle? {
        self.seesSessions ? nil : .privilege("pg_monitor", for: self.role, toSee: "the sessions of other roles")
    }
}

extension ConnectionSurvey {
    static func take(from inspection: Inspection, leakSeconds: Double) async throws -> ConnectionSurvey {
        let rows = try await inspection.query(
            """
            /* millwright:connections */
            SELECT coalesce(nullif(a.application_name, ''), '(none)'), coalesce(a.usename, ''),
                   coalesce(a.datname, ''), pg_catalog.host(a.client_addr), coalesce(a.state, 'hidden'),
                   pg_catalog.count(*),
                   coalesce(pg_catalog.max(extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)), 0),
                   pg_catalog.count(*) FILTER (
                       WHERE extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)
                             > \(leakSeconds)::float8)
            FROM pg_catalog.pg_stat_activity AS a
            WHERE a.backend_type = 'client backend'
            GROUP BY 1, 2, 3, 4, 5
            ORDER BY 6 DESC, 1, 2, 3, 4, 5
            """
        )
        let settings = try await inspection.query(
            """
            /* millwright:connections */
            SELECT pg_catalog.current_setting('max_connections'),
                   pg_catalog.current_setting('superuser_reserved_connections')::int
                   + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0)
            """
        )
        return ConnectionSurvey(
            groups: try rows.values(),
            limits: try await inspection.query(self.limits).values(),
            maximum: try settings[0].get(0, as: Int.self),
            reserved: try settings[0].get(1, as: Int.self),
            seesSessions: inspection.server.hasRole("pg_read_all_stats"),
            role: inspection.server.user
        )
    }

    private static let limits: SQL = """
        /* millwright:connections */
        SELECT 'role ' || pg_catalog.quote_ident(r.rolname), r.rolconnlimit, pg_catalog.count(a.pid)
        FROM pg_catalog.pg_roles AS r
        LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.usesysid = r.oid AND a.backend_type = 'client backend'
        WHERE r.rolconnlimit > 0 AND NOT r.rolsuper
        GROUP BY r.oid, r.rolname, r.rolconnlimit
        UNION ALL
        SELECT 'database ' || pg_catalog.quote_ident(d.datname), d.datconnlimit, pg_catalog.count(a.pid)
        FROM pg_catalog.pg_database AS d
        LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.datid = d.oid AND a.backend_type = 'client backend'
        WHERE d.datconnlimit > 0
        GROUP BY d.oid, d.datname, d.datconnlimit
        ORDER BY 1
        """
}

extension ConnectionSurvey.Group: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.application = try cursor.next()
        self.user = try cursor.next()
        self.database = try cursor.next()
        self.address = try cursor.next()
        self.state = try cursor.next()
        self.count = try cursor.next()
        self.longestSeconds = try cursor.next()
        self.oldCount = try cursor.next()
    }
}

extension ConnectionSurvey.Limit: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.subject = try cursor.next()
        self.limit = try cursor.next()
        self.used = try cursor.next()
    }
}
