// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// What an operator sees of the sessions' failover, and can do about it: all through PostgreSQL.
///
/// ```swift
/// import MillwrightPostgres
///
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// let console = FailoverConsole(client, alias: "sessions")
/// if let status = try await console.status() { print(status.trust.phase, status.nodes.count) }
/// try await console.force(.database)
/// await client.close()
/// ```
public struct FailoverConsole: Sendable {
    private let database: any Querying
    private let register: SessionRegister
    private let alias: String

    /// Creates a console for the sessions of a cache alias.
    public init(_ database: any Querying, alias: String) {
        self.database = database
        self.alias = alias
        self.register = SessionRegister(database: database, alias: alias, node: "console", timeout: .seconds(5))
    }

    /// How the sessions stand.
    public struct Status: Sendable, Hashable {
        /// The row of trust.
        public var trust: SessionTrust
        /// Why it is as it is.
        public var reason: String
        /// Since when, in seconds since 1970.
        public var changedAt: Double
        /// The nodes that have shown themselves lately, by name.
        public var nodes: [Node]

        /// Creates a status.
        public init(trust: SessionTrust, reason: String, changedAt: Double, nodes: [Node]) {
            self.trust = trust
            self.reason = reason
            self.changedAt = changedAt
            self.nodes = nodes
        }
    }

    /// One process that serves sessions.
    public struct Node: Sendable, Hashable {
        /// What it is called.
        public var name: String
        /// Which run of a Redis server it reaches; `nil` where it reaches none.
        public var serverID: String?
        /// How long ago it showed itself.
        public var silentSeconds: Double
        /// What it has counted, by name.
        public var figures: [String: Int]

        /// Whether it is taken to live.
        public var isAlive: Bool { self.silentSeconds < 5 }
    }

    /// One change of the trust.
    public struct Event: Sendable, Hashable {
        /// When, in seconds since 1970.
        public var happenedAt: Double
        /// The generation from then on.
        public var generation: Int
        /// The phase from then on.
        public var phase: String
        /// Who decides from then on.
        public var mode: String
        /// Who changed it; `nil` where it is not known.
        public var node: String?
        /// Why.
        public var reason: String
    }

    /// How the sessions stand; `nil` where no node has ever run.
    ///
    /// - Throws: `SessionError` where the tables are missing; `PostgresError`.
    public func status() async throws -> Status? {
        let rows = try await self.asking(
            """
            /* millwright:session-failover */
            SELECT \(SessionTruth.trustColumns), t.reason, extract(epoch FROM t.changed_at)::double precision
            FROM millwright.session_trust AS t WHERE t.alias = \(self.alias)
            """
        )
        guard let row = rows.first else { return nil }
        return Status(
            trust: try SessionTrust(row),
            reason: try row.get(SessionTruth.first),
            changedAt: try row.get(SessionTruth.first + 1),
            nodes: try await self.nodes()
        )
    }

    private func nodes() async throws -> [Node] {
        try await self.asking(
            """
            /* millwright:session-failover */
            SELECT node, server_id, extract(epoch FROM now() - seen_at)::double precision, figures::text
            FROM millwright.session_nodes WHERE alias = \(self.alias) AND seen_at > now() - interval '1 minute'
            ORDER BY node
            """
        ).map { row in
            var figures: [String: Int] = [:]
            if case .object(let members)? = JSONValue(parsing: try row.get(3)) {
                for case (let key, .int(let value)) in members { figures[key] = value }
            }
            return Node(
                name: try row.get(0),
                serverID: try row.get(1),
                silentSeconds: try row.get(2),
                figures: figures
            )
        }
    }

    /// The latest changes, newest first.
    public func history(limit: Int = 50) async throws -> [Event] {
        try await self.asking(
            """
            /* millwright:session-failover */
            SELECT extract(epoch FROM happened_at)::double precision, generation, phase, mode, node, reason
            FROM millwright.session_events WHERE alias = \(self.alias) ORDER BY id DESC LIMIT \(limit)
            """
        ).map { row in
            Event(
                happenedAt: try row.get(0),
                generation: try row.get(1),
                phase: try row.get(2),
                mode: try row.get(3),
                node: try row.get(4),
                reason: try row.get(5)
            )
        }
    }

    /// Hands the decision to the operator, or back to the nodes; it returns when every node acts by it.
    public func force(_ mode: SessionTrust.Mode) async throws -> SessionTrust {
        let trust: SessionTrust
        do { trust = try await self.register.force(mode) } catch { throw Self.told(error) }
        if mode == .database { try await Task.sleep(for: trust.lease) }
        return trust
    }

    /// Sends a share of one node's reads down the PostgreSQL path for a time; it ends by itself, whatever becomes of the caller.
    ///
    /// - Returns: whether there is such a node.
    public func drill(node: String, share: Double, for time: Duration) async throws -> Bool {
        try await self.asking(
            """
            /* millwright:session-failover */
            UPDATE millwright.session_nodes
            SET drill_share = \(share)::double precision, drill_until = now() + \(time.wholeMilliseconds) * interval '1 ms'
            WHERE alias = \(self.alias) AND node = \(node) AND seen_at > now() - interval '5 s'
            RETURNING node
            """
        ).isEmpty == false
    }

    /// Ends a drill before its time.
    public func endDrill(node: String) async throws {
        _ = try await self.asking(
            """
            /* millwright:session-failover */
            UPDATE millwright.session_nodes SET drill_share = NULL, drill_until = NULL
            WHERE alias = \(self.alias) AND node = \(node)
            RETURNING node
            """
        )
    }

    private func asking(_ sql: SQL) async throws -> Rows {
        do { return try await self.database.query(sql, timeout: .seconds(5)) } catch { throw Self.told(error) }
    }

    private static func told(_ error: any Error) -> any Error {
        guard let error = error as? PostgresError, error.isOfMissingTables else { return error }
        return SessionError(.notSetUp)
    }
}
