// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// The statements of this database by time, or why they cannot be read.
struct StatementStatistics: Sendable {
    /// The costliest statements, costliest first; hidden ones are left out.
    var statements: [Statement] = []
    /// What all statements of this database took, but for our own.
    var totalSeconds = 0.0
    /// Statements of other roles whose text and id this role may not see.
    var hidden = 0
    /// How often the view threw out statements for want of room.
    var evictions: Int?
    /// When its counters began, where the extension tells.
    var windowSeconds: Double?
    var role = "app"
    var obstacle: Obstacle?

    /// The statements that checks judge: neither our own nor the server's housekeeping.
    var judged: [Statement] { self.statements.filter { $0.isDataStatement && !$0.isOwn } }

    func share(of statement: Statement) -> Double {
        self.totalSeconds > 0 ? min(1, statement.totalSeconds / self.totalSeconds) : 0
    }

    /// Why nothing found may mean nothing seen.
    var blindness: Obstacle? {
        if self.hidden > 0 {
            return .privilege("pg_read_all_stats", for: self.role, toSee: "\(self.hidden) statements of other roles")
        }
        return self.judged.isEmpty ? Obstacle("No statement of this database has been recorded yet.") : nil
    }

    var evidence: [Evidence] {
        [
            Evidence("statements", .count(self.judged.count)),
            Evidence("time of all statements", .seconds(self.totalSeconds)),
            Evidence("evicted statements", self.evictions.map(Quantity.count) ?? .missing),
            Evidence("counted for", self.windowSeconds.map(Quantity.seconds) ?? .missing),
        ]
    }
}

extension StatementStatistics {
    /// How many statements checks read; the view holds 5,000 by default.
    static let limit = 300

    /// Reads the costliest statements.
    ///
    /// - Parameter names: only statements whose text has one of these, in upper or lower case; all where `nil`.
    static func read(
        from inspection: Inspection,
        limit: Int = Self.limit,
        naming names: [String]? = nil
    ) async throws -> StatementStatistics {
        var statistics = StatementStatistics(role: inspection.server.user)
        let home = try await inspection.query(
            """
            /* millwright:statements */
            SELECT n.nspname, e.extversion,
                   pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
                   coalesce(pg_catalog.current_setting('pg_stat_statements.track', true), '')
            FROM pg_catalog.pg_extension AS e
            JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
            WHERE e.extname = 'pg_stat_statements'
            ORDER BY e.oid
            """
        )
        guard let row = home.first else {
            statistics.obstacle = Obstacle(
                "The extension pg_stat_statements is not installed in this database.",
                cure: "CREATE EXTENSION pg_stat_statements; "
                    + "-- shared_preload_libraries has to name it, which takes a restart"
            )
            return statistics
        }
        let schema = try row.get(0, as: String.self)
        if !(try row.get(2, as: Bool.self)) {
            let role = quoted(statistics.role)
            statistics.obstacle = Obstacle(
                "The role may not use the schema of pg_stat_statements.",
                cure: "GRANT USAGE ON SCHEMA \(quoted(schema)) TO \(role);"
            )
            return statistics
        }
        let version = ExtensionVersion(try row.get(1, as: String.self))
        try await statistics.fill(from: inspection, schema: schema, version: version, limit: limit, naming: names)
        if try row.get(3, as: String.self) == "none", statistics.statements.isEmpty {
            statistics.obstacle = Obstacle(
                "pg_stat_statements is loaded but switched off.",
                cure: "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();"
            )
        }
        return statistics
    }

    private mutating func fill(
        from inspection: Inspection,
        schema: String,
        version: ExtensionVersion,
        limit: Int,
        naming names: [String]?
    ) async throws {
        let sql = Self.sql(schema: schema, version: version, limit: limit, naming: names)
        let result = try await inspection.attempt { try await $0.query(sql) }
        guard case .success(let rows) = result else {
            // 55000: installed but not preloaded.
            if case .failure(let error) = result {
                self.obstacle = Obstacle(error, role: self.role, limits: inspection.limits)
            }
            return
        }
        for row in rows {
            var cursor = RowCursor(row)
            self.totalSeconds = try cursor.next()
            self.hidden = try cursor.next()
            if let statement = try Statement(ifShown: &cursor) { self.statements.append(statement) }
        }
        // The view of evictions came with version 1.9 (PostgreSQL 14).
        guard version >= ExtensionVersion(1, 9) else { return }
        let info = try await inspection.query(
            """
            /* millwright:statements */
            SELECT i.dealloc, extract(epoch FROM pg_catalog.clock_timestamp() - i.stats_reset)
            FROM \(identifier: schema).pg_stat_statements_info AS i
            """
        )
        guard let facts = info.first else { return }
        self.evictions = try facts.get(0, as: Int?.self)
        self.windowSeconds = try facts.get(1, as: Double?.self).flatMap { $0 < 600_000_000 ? $0 : nil }
    }

    // Counters first without texts, which can be hundreds of megabytes; then the texts of the chosen ones, cut. The columns go
    // by the version of the extension, not of the server: pg_upgrade keeps the old definition.
    private static func sql(schema: String, version: ExtensionVersion, limit: Int, naming names: [String]?) -> SQL {
        // 1.8 (PostgreSQL 13) split planning from execution.
        let total: SQL = version >= ExtensionVersion(1, 8) ? "s.total_exec_time" : "s.total_time"
        let longest: SQL = version >= ExtensionVersion(1, 8) ? "s.max_exec_time" : "s.max_time"
        let from: SQL = "\(identifier: schema).pg_stat_statements"
        let filter: SQL =
            names.map { names -> SQL in
                """
                AND queryid IN (SELECT n.queryid FROM \(from)(true) AS n
                                WHERE EXISTS (SELECT FROM pg_catalog.unnest(\(names)::text[]) AS t (name)
                                              WHERE pg_catalog.strpos(pg_catalog.lower(n.query),
                                                                      pg_catalog.lower(t.name)) > 0))
                """
            } ?? ""
        return """
            /* millwright:statements */
            WITH counted AS MATERIALIZED (
                SELECT s.queryid, pg_catalog.sum(s.calls) AS calls, pg_catalog.sum(\(total)) AS total,
                       pg_catalog.max(\(longest)) AS longest, pg_catalog.sum(s.rows) AS rows,
                       pg_catalog.sum(s.shared_blks_hit) AS hit, pg_catalog.sum(s.shared_blks_read) AS read,
                       pg_catalog.sum(s.temp_blks_read + s.temp_blks_written) AS temporary
                FROM \(from)(false) AS s
                JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
                WHERE d.datname = pg_catalog.current_database()
                GROUP BY s.queryid
            ), top AS MATERIALIZED (
                SELECT * FROM counted WHERE queryid IS NOT NULL \(filter)
                ORDER BY total DESC, queryid LIMIT \(limit)
            ), texts AS MATERIALIZED (
                SELECT t.queryid, pg_catalog.min(pg_catalog.left(t.query, 10000)) AS query
                FROM \(from)(true) AS t
                JOIN pg_catalog.pg_database AS d ON d.oid = t.dbid
                WHERE d.datname = pg_catalog.current_database() AND t.queryid IN (SELECT queryid FROM top)
                GROUP BY t.queryid
            ), own AS (
                SELECT coalesce(pg_catalog.sum(top.total), 0) AS total
                FROM top JOIN texts USING (queryid) WHERE texts.query LIKE '/* millwright:%'
            ), summary AS (
                SELECT (coalesce(pg_catalog.sum(total), 0) - (SELECT total FROM own)) / 1000 AS seconds,
                       (SELECT pg_catalog.count(*) FROM \(from)(false) AS h
                        JOIN pg_catalog.pg_database AS d ON d.oid = h.dbid
                        WHERE d.datname = pg_catalog.current_database() AND h.queryid IS NULL) AS hidden
                FROM counted
            )
            SELECT summary.seconds, summary.hidden, top.queryid::text, texts.query, top.calls, top.total / 1000,
                   top.longest / 1000, top.rows, top.hit, top.read, top.temporary
            FROM summary
            LEFT JOIN top ON true
            LEFT JOIN texts USING (queryid)
            ORDER BY top.total DESC, top.queryid
            """
    }
}

/// The version of an extension, as its script is named: `1.10` is later than `1.9`.
struct ExtensionVersion: Comparable {
    private var parts: [Int]

    init(_ parts: Int...) { self.parts = parts }

    init(_ text: String) { self.parts = text.split(separator: ".").map { Int($0) ?? 0 } }

    static func < (one: Self, other: Self) -> Bool { one.parts.lexicographicallyPrecedes(other.parts) }
}

extension Statement {
    /// Reads a statement, or nothing where the row stands only for the totals.
    fileprivate init?(ifShown cursor: inout RowCursor) throws {
        guard let id = try cursor.next(String?.self), let text = try cursor.next(String?.self) else { return nil }
        self.init(
            id: id,
            text: text,
            calls: try cursor.next(),
            totalSeconds: try cursor.next(),
            longestSeconds: try cursor.next(),
            rows: try cursor.next(),
            blocksHit: try cursor.next(),
            blocksRead: try cursor.next(),
            temporaryBlocks: try cursor.next()
        )
    }
}
