// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// The statements on the row of trust, the nodes and the history.
struct SessionRegister: Sendable {
    let database: any Querying
    let alias: String
    let node: String
    let timeout: Duration

    /// What a node reads each time it looks.
    struct Look: Sendable {
        var trust: SessionTrust
        var nowMilliseconds: Int
        /// Whether every node that lives reaches the same server as this one.
        var allReach: Bool
        /// The share of reads that an operator sends to PostgreSQL.
        var drillShare: Double
    }

    /// Makes the row of trust where there is none: nothing is to be trusted at first.
    func prepare(lease: Duration) async throws {
        try await self.database.execute(
            """
            /* millwright:session-trust */
            INSERT INTO millwright.session_trust (alias, lease_ms, database_started_at)
            VALUES (\(self.alias), \(lease.wholeMilliseconds), pg_postmaster_start_time())
            ON CONFLICT (alias) DO NOTHING
            """,
            timeout: self.timeout
        )
    }

    /// Looks at the trust, and says that this node lives.
    ///
    /// - Parameter signs: what the node says of itself; `nil` looks only.
    func look(serverID: String?, signs: String?) async throws -> Look {
        let me: SQL =
            signs.map { figures in
                """
                WITH me AS (
                    INSERT INTO millwright.session_nodes (alias, node, server_id, figures)
                    VALUES (\(self.alias), \(self.node), \(serverID), \(figures)::text::jsonb)
                    ON CONFLICT (alias, node) DO UPDATE
                    SET server_id = excluded.server_id, seen_at = now(), figures = excluded.figures
                    RETURNING CASE WHEN drill_until > now() THEN drill_share END AS share
                )
                """
            } ?? """
                WITH me AS (
                    SELECT CASE WHEN drill_until > now() THEN drill_share END AS share FROM millwright.session_nodes
                    WHERE alias = \(self.alias) AND node = \(self.node)
                )
                """
        let rows = try await self.database.query(
            """
            /* millwright:session-trust */
            \(me)
            SELECT \(SessionTruth.trustColumns), \(self.allReach(serverID)), (SELECT share FROM me)
            FROM millwright.session_trust AS t WHERE t.alias = \(self.alias)
            """,
            timeout: self.timeout
        )
        guard let row = rows.first else { throw SessionError.missingRow }
        return Look(
            trust: try SessionTrust(row),
            nowMilliseconds: try row.get(SessionTruth.clock),
            allReach: try row.get(SessionTruth.first),
            drillShare: try row.get(SessionTruth.first + 1, as: Double?.self) ?? 0
        )
    }

    /// Marks the copy of a generation as suspect, unless it is already, and returns the row.
    func suspect(generation: Int, reason: String) async throws -> SessionTrust {
        try await self.step(
            "phase = 'suspect'",
            where: "generation = \(generation) AND phase <> 'suspect'",
            reason: reason
        )
    }

    /// Puts a suspect generation after this one and after all that PostgreSQL may have lost, unless somebody has; returns the row.
    ///
    /// What was lost nobody may remember, so the number is not the next one: it is that of the second.
    func renew(after generation: Int) async throws -> SessionTrust {
        try await self.step(
            """
            generation = greatest(generation, \(generation), extract(epoch FROM clock_timestamp())::bigint) + 1,
            phase = 'suspect', database_started_at = pg_postmaster_start_time()
            """,
            where: "generation <= \(generation)",
            reason: "PostgreSQL was started anew or has gone back"
        )
    }

    /// Begins the generation after this one in a server, unless somebody has, and returns the row.
    func rebuild(after generation: Int, serverID: String) async throws -> SessionTrust {
        try await self.step(
            "generation = generation + 1, phase = 'rebuilding', server_id = \(serverID)",
            where: """
                generation = \(generation) AND phase = 'suspect' AND mode <> 'database' AND \(Self.isOfThisRun)
                AND (mode = 'redis' OR \(self.allReach(serverID)))
                """,
            reason: "Redis is back"
        )
    }

    /// Lets readers use the copy of a generation, unless something has come between, and returns the row.
    func trust(generation: Int) async throws -> SessionTrust {
        try await self.step(
            "phase = 'trusted'",
            where: "generation = \(generation) AND phase = 'rebuilding' AND \(Self.isOfThisRun)",
            reason: "every node writes to it"
        )
    }

    /// Hands the decision to an operator or back to the nodes; `database` also takes the copy out of use.
    func force(_ mode: SessionTrust.Mode) async throws -> SessionTrust {
        try await self.step(
            "mode = \(mode.rawValue), phase = CASE WHEN \(mode == .database) THEN 'suspect' ELSE phase END",
            where: "mode <> \(mode.rawValue)",
            reason: "forced: \(mode.rawValue)"
        )
    }

    /// Forgets nodes that have not been seen for an hour, and events of more than 90 days ago.
    func forget() async throws {
        try await self.database.execute(
            """
            /* millwright:session-trust */
            WITH old AS (
                DELETE FROM millwright.session_events
                WHERE alias = \(self.alias) AND happened_at < now() - interval '90 d'
            )
            DELETE FROM millwright.session_nodes WHERE alias = \(self.alias) AND seen_at < now() - interval '1 hour'
            """,
            timeout: self.timeout
        )
    }

    /// Takes this node off the list.
    func leave() async throws {
        try await self.database.execute(
            """
            /* millwright:session-trust */
            DELETE FROM millwright.session_nodes WHERE alias = \(self.alias) AND node = \(self.node)
            """,
            timeout: self.timeout
        )
    }

    private static let isOfThisRun: SQL = "database_started_at = pg_postmaster_start_time()"

    // A node that has said nothing for five seconds is taken for dead: its lease is long over.
    private func allReach(_ serverID: String?) -> SQL {
        """
        NOT EXISTS (
            SELECT FROM millwright.session_nodes AS n
            WHERE n.alias = \(self.alias) AND n.node <> \(self.node) AND n.seen_at > now() - interval '5 s'
                AND n.server_id IS DISTINCT FROM \(serverID)
        )
        """
    }

    private func step(_ change: SQL, where condition: SQL, reason: String) async throws -> SessionTrust {
        let rows = try await self.database.query(
            """
            /* millwright:session-trust */
            WITH t AS (
                UPDATE millwright.session_trust SET \(change), reason = \(reason), changed_at = clock_timestamp()
                WHERE alias = \(self.alias) AND \(condition)
                RETURNING *
            ), event AS (
                INSERT INTO millwright.session_events (alias, generation, phase, mode, node, reason)
                SELECT alias, generation, phase, mode, \(self.node), reason FROM t
            )
            SELECT \(SessionTruth.trustColumns) FROM t
            """,
            timeout: self.timeout
        )
        if let row = rows.first { return try SessionTrust(row) }
        // Somebody else was first: a statement of its own sees what they did.
        return try await self.current()
    }

    /// The row as it is.
    func current() async throws -> SessionTrust {
        let rows = try await self.database.query(
            """
            /* millwright:session-trust */
            SELECT \(SessionTruth.trustColumns) FROM millwright.session_trust AS t WHERE t.alias = \(self.alias)
            """,
            timeout: self.timeout
        )
        guard let row = rows.first else { throw SessionError.missingRow }
        return try SessionTrust(row)
    }
}
