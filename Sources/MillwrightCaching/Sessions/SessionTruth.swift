// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The statements on the sessions' rows; every answer also shows the row of trust, as of the same snapshot.
struct SessionTruth: Sendable {
    /// Who answers.
    let database: any Querying
    let alias: String
    let timeout: Duration
    let idleLifetime: Duration
    let absoluteLifetime: Duration?

    /// An answer: the trust, PostgreSQL's clock, and what was asked for.
    struct Answer<Value: Sendable>: Sendable {
        var trust: SessionTrust
        var nowMilliseconds: Int
        var value: Value
        /// The run of PostgreSQL that gave it.
        var run: Int { self.trust.databaseRun }
    }

    /// What a write has come to.
    struct Written: Sendable {
        var version: Int
        var expiresAtMilliseconds: Int
    }

    // MARK: Statements

    func read(_ key: String) async throws -> Answer<StoredSession?> {
        try await self.ask(
            columns: "s.version, s.user_id, \(Self.expiry), s.payload",
            """
            LEFT JOIN millwright.sessions AS s ON s.key = \(key) AND s.deleted_at IS NULL AND s.expires_at > now()
            """
        ) { row in
            guard let version = try row.get(Self.first, as: Int?.self) else { return nil }
            return StoredSession(
                version: version,
                user: try row.get(Self.first + 1),
                expiresAtMilliseconds: try row.get(Self.first + 2),
                payload: try row.get(Self.first + 3)
            )
        }
    }

    /// Inserts a session; it is live when the answer has come.
    func insert(_ key: String, user: String?, payload: [UInt8]) async throws -> Answer<Written?> {
        try await self.change(
            """
            INSERT INTO millwright.sessions (key, user_id, payload, expires_at, ends_at)
            VALUES (\(key), \(user), \(payload), \(self.end), \(self.absoluteEnd))
            """
        )
    }

    /// Writes a session where it is live and still has this version; `nil` where it is not.
    func update(_ key: String, version: Int, user: String?, payload: [UInt8]) async throws -> Answer<Written?> {
        try await self.change(
            """
            UPDATE millwright.sessions AS s
            SET payload = \(payload), user_id = \(user), version = version + 1, expires_at = least(\(self.idleEnd), ends_at)
            WHERE key = \(key) AND version = \(version) AND deleted_at IS NULL AND expires_at > now()
            """
        )
    }

    /// Puts a session's end off; its version stays.
    ///
    /// `nil` where it was written or ended meanwhile.
    func touch(_ key: String, version: Int) async throws -> Answer<Written?> {
        try await self.change(
            """
            UPDATE millwright.sessions AS s SET expires_at = least(\(self.idleEnd), ends_at)
            WHERE key = \(key) AND version = \(version) AND deleted_at IS NULL AND expires_at > now()
            """
        )
    }

    /// Ends a session and begins another with its values, both or neither; `nil` where the old one was written or ended meanwhile.
    func replace(
        _ old: String,
        version: Int,
        with key: String,
        user: String?,
        payload: [UInt8]
    ) async throws -> Answer<Written?> {
        try await self.change(
            """
            INSERT INTO millwright.sessions (key, user_id, payload, expires_at, ends_at)
            SELECT \(key), \(user), \(payload), \(self.end), \(self.absoluteEnd) FROM old
            """,
            after: """
                old AS (
                    UPDATE millwright.sessions
                    SET deleted_at = now(), deleted_why = 'rotated', version = version + 1, payload = ''
                    WHERE key = \(old) AND version = \(version) AND deleted_at IS NULL AND expires_at > now()
                    RETURNING key
                ),
                """
        )
    }

    /// Ends the sessions with these keys, or all of a user, and returns the keys and versions of those that were live.
    func delete(_ which: SQL, why: String) async throws -> Answer<[(key: String, version: Int)]> {
        let rows = try await self.rows(
            """
            /* millwright:sessions */
            WITH ended AS (
                UPDATE millwright.sessions SET deleted_at = now(), deleted_why = \(why), version = version + 1, payload = ''
                WHERE \(which) AND deleted_at IS NULL
                RETURNING key, version
            )
            SELECT \(Self.trustColumns), e.key, e.version
            FROM millwright.session_trust AS t LEFT JOIN ended AS e ON true
            WHERE t.alias = \(self.alias)
            ORDER BY e.key
            """
        )
        return try self.answer(rows, try self.keys(rows))
    }

    /// The sessions of a user that were ended and would still live: the keys and versions of their rows.
    func ended(of user: String) async throws -> Answer<[(key: String, version: Int)]> {
        let rows = try await self.rows(
            """
            /* millwright:sessions */
            SELECT \(Self.trustColumns), s.key, s.version
            FROM millwright.session_trust AS t LEFT JOIN millwright.sessions AS s
                ON s.user_id = \(user) AND s.deleted_at IS NOT NULL AND s.expires_at > now()
            WHERE t.alias = \(self.alias)
            ORDER BY s.key
            """
        )
        return try self.answer(rows, try self.keys(rows))
    }

    private func keys(_ rows: Rows) throws -> [(key: String, version: Int)] {
        try rows.compactMap { row in
            guard let key = try row.get(Self.first, as: String?.self) else { return nil }
            return (key, try row.get(Self.first + 1))
        }
    }

    /// The version of a row that was ended; `nil` where there is none.
    func endedVersion(of key: String) async throws -> Answer<Int?> {
        try await self.ask(
            columns: "s.version",
            "LEFT JOIN millwright.sessions AS s ON s.key = \(key) AND s.deleted_at IS NOT NULL"
        ) { row in
            try row.get(Self.first)
        }
    }

    /// Stores a value under a key that the caller has chosen, also where one was deleted or has expired.
    ///
    /// A row begins with the microsecond as its version, because it may not be the first under its key: what the copy still has of an
    /// earlier one, which `clearsessions` has deleted, is older by that.
    ///
    /// - Parameters:
    ///   - lifetime: how long it lives; `nil` keeps the end that it has, and gives a new one the idle lifetime.
    ///   - mustBeNew: whether a live value is left as it is; the answer is `nil` then.
    func put(_ key: String, payload: [UInt8], lifetime: Duration?, mustBeNew: Bool) async throws -> Answer<Written?> {
        let end: SQL = "now() + \((lifetime ?? self.idleLifetime).wholeMilliseconds) * interval '1 ms'"
        return try await self.change(
            """
            INSERT INTO millwright.sessions AS s (key, version, payload, expires_at)
            VALUES (\(key), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, \(payload), \(end))
            ON CONFLICT (key) DO UPDATE
            SET payload = excluded.payload, version = s.version + 1, deleted_at = NULL, deleted_why = NULL,
                expires_at = CASE
                    WHEN \(lifetime == nil) AND s.deleted_at IS NULL AND s.expires_at > now() THEN s.expires_at
                    ELSE excluded.expires_at
                END
            WHERE NOT \(mustBeNew) OR s.deleted_at IS NOT NULL OR s.expires_at <= now()
            """
        )
    }

    /// The row of trust alone.
    func look() async throws -> Answer<Void> { try await self.ask(columns: "1", "") { _ in () } }

    // MARK: Parts

    /// The columns of the trust, before those that were asked for.
    static let trustColumns: SQL = """
        t.generation, t.phase, t.mode, t.server_id, t.lease_ms,
        NOT pg_is_in_recovery() AND t.database_started_at IS DISTINCT FROM pg_postmaster_start_time(),
        (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
        (extract(epoch FROM clock_timestamp()) * 1000)::bigint
        """
    /// Where PostgreSQL's clock stands among them, and where what was asked for begins.
    static let clock = 7
    static let first = 8
    private static let expiry: SQL = "(extract(epoch FROM s.expires_at) * 1000)::bigint"

    private var idleEnd: SQL { "now() + \(self.idleLifetime.wholeMilliseconds) * interval '1 ms'" }
    private var absoluteEnd: SQL {
        self.absoluteLifetime.map { "now() + \($0.wholeMilliseconds) * interval '1 ms'" } ?? "NULL::timestamptz"
    }
    /// When a new session ends.
    private var end: SQL { "least(\(self.idleEnd), \(self.absoluteEnd))" }

    private func change(_ change: SQL, after before: SQL = "") async throws -> Answer<Written?> {
        let rows = try await self.rows(
            """
            /* millwright:sessions */
            WITH \(before) changed AS (
                \(change)
                RETURNING version, (extract(epoch FROM expires_at) * 1000)::bigint AS expires_at
            )
            SELECT \(Self.trustColumns), c.version, c.expires_at
            FROM millwright.session_trust AS t LEFT JOIN changed AS c ON true
            WHERE t.alias = \(self.alias)
            """
        )
        let version = try rows.first?.get(Self.first, as: Int?.self) ?? nil
        let written = try version.map { version in
            Written(version: version, expiresAtMilliseconds: try rows[0].get(Self.first + 1))
        }
        return try self.answer(rows, written)
    }

    private func ask<Value: Sendable>(
        columns: SQL,
        _ join: SQL,
        _ read: (Row) throws -> Value
    ) async throws -> Answer<Value> {
        let rows = try await self.rows(
            """
            /* millwright:sessions */
            SELECT \(Self.trustColumns), \(columns) FROM millwright.session_trust AS t \(join) WHERE t.alias = \(self.alias)
            """
        )
        guard let row = rows.first else { throw SessionError.missingRow }
        return try self.answer(rows, try read(row))
    }

    /// Rows that always have one of trust: the first time, it is made, and nothing is to be trusted.
    private func rows(_ sql: SQL) async throws -> Rows {
        let rows = try await self.database.query(sql, timeout: self.timeout)
        if !rows.isEmpty { return rows }
        throw SessionError.missingRow
    }

    private func answer<Value: Sendable>(_ rows: Rows, _ value: Value) throws -> Answer<Value> {
        guard let row = rows.first else { throw SessionError.missingRow }
        return Answer(trust: try SessionTrust(row), nowMilliseconds: try row.get(Self.clock), value: value)
    }
}

extension SessionTrust {
    /// Reads the columns of the trust.
    init(_ row: Row) throws {
        guard let phase = Phase(rawValue: try row.get(1)), let mode = Mode(rawValue: try row.get(2)) else {
            throw SessionError(.notSetUp, hint: "The row of trust is of a newer version of Millwright.")
        }
        self.init(
            generation: try row.get(0),
            phase: phase,
            mode: mode,
            serverID: try row.get(3),
            lease: .milliseconds(try row.get(4, as: Int.self)),
            isOfEarlierRun: try row.get(5)
        )
        self.databaseRun = try row.get(6)
    }
}

extension Duration {
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = self.components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    var secondsAsDouble: Double { Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18 }
}

extension SessionTruth {
    /// The live sessions of a user, the newest first.
    func list(_ user: String) async throws -> [SessionSummary] {
        try await self.database.query(
            """
            /* millwright:sessions */
            SELECT key, extract(epoch FROM created_at)::double precision, extract(epoch FROM expires_at)::double precision
            FROM millwright.sessions
            WHERE user_id = \(user) AND deleted_at IS NULL AND expires_at > now()
            ORDER BY created_at DESC, key
            """,
            timeout: self.timeout,
            as: (String, Double, Double).self
        ).map { SessionSummary(key: $0, createdAt: $1, expiresAt: $2) }
    }
}
