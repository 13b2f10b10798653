// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds sessions that have a transaction open and do nothing.
///
/// They hold their locks, and some of them keep vacuum from removing dead rows: the evidence says whether this one does.
struct IdleTransactions: DatabaseCheck {
    static let name = "idle-transactions"
    static let title = "Idle transactions"
    static let ids = ["locks.W010"]
    static let concern = Concern.locks
    static let thresholds: [Threshold<Self>] = [
        .duration("minimumAge", \.minimumAge, "How long a session has to have been idle in its transaction.")
    ]

    var minimumAge = Duration.seconds(60)

    /// A session in an open transaction that waits for its client.
    struct Session: Sendable, Hashable {
        var pid: Int
        var user: String?
        var application: String?
        var state: String
        var idleSeconds: Double
        var transactionSeconds = 0.0
        var holdsHorizon = false
        var locks = 0
        var query: String?
    }

    struct Observation: Sendable {
        var sessions: [Session]
        var seesSessions = true
        var role = "app"
    }

    func verdict(on observation: Observation) -> Verdict {
        let old = observation.sessions.filter { $0.idleSeconds >= self.minimumAge.seconds }
        if old.isEmpty, !observation.seesSessions {
            return Obstacle.privilege("pg_monitor", for: observation.role, toSee: "what other sessions do").verdict
        }
        return .of(
            old.map(self.finding),
            evidence: [Evidence("idle in transaction", .count(observation.sessions.count))]
        )
    }

    private func finding(_ session: Session) -> Finding {
        Finding(
            "locks.W010",
            .warning,
            on: "session \(session.pid)",
            message: "Session \(session.pid) has been \(session.state) for "
                + "\(Quantity.seconds(session.idleSeconds.rounded()).text).",
            evidence: [
                Evidence("role", session.user.map(Quantity.text) ?? .missing),
                Evidence("application_name", session.application.map(Quantity.text) ?? .missing),
                Evidence("transaction lasts", .seconds(session.transactionSeconds)),
                Evidence("locks held", .count(session.locks)),
                Evidence("holds back vacuum", .flag(session.holdsHorizon)),
                Evidence("last statement", session.query.map(Quantity.text) ?? .missing),
            ],
            remedy: Remedy(
                "Find the code that leaves it open; end the session, and let the server end such sessions by itself.",
                commands: [
                    "SELECT pg_terminate_backend(\(session.pid));",
                    "ALTER ROLE \(quoted(session.user ?? "app")) SET idle_in_transaction_session_timeout = '5min';",
                ]
            ),
            weight: session.idleSeconds
        )
    }
}

extension IdleTransactions {
    func collect(from inspection: Inspection) async throws -> Observation {
        let rows = try await inspection.query(
            """
            /* millwright:idle-transactions */
            SELECT a.pid, a.usename, a.application_name, a.state,
                   extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change),
                   extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start),
                   a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL,
                   (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks AS l
                    WHERE l.pid = a.pid AND l.granted AND l.locktype <> 'virtualxid'),
                   pg_catalog.left(a.query, 400)
            FROM pg_catalog.pg_stat_activity AS a
            WHERE a.datname = pg_catalog.current_database() AND a.state LIKE 'idle in transaction%'
              AND a.pid <> pg_catalog.pg_backend_pid()
            ORDER BY a.state_change, a.pid
            """
        )
        return Observation(
            sessions: try rows.values(),
            seesSessions: inspection.server.hasRole("pg_read_all_stats"),
            role: inspection.server.user
        )
    }
}

extension IdleTransactions.Session: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.pid = try cursor.next()
        self.user = try cursor.next()
        self.application = try cursor.next()
        self.state = try cursor.next()
        self.idleSeconds = try cursor.next()
        self.transactionSeconds = try cursor.next()
        self.holdsHorizon = try cursor.next()
        self.locks = try cursor.next()
        self.query = try cursor.next()
    }
}
