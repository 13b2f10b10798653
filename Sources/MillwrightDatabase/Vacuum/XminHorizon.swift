// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds what keeps vacuum from removing dead rows of this database.
///
/// Who counts was tried on live servers. A session counts when it has a snapshot or a transaction id **in this database**: one
/// that is idle in a READ COMMITTED transaction after a SELECT has neither, and those of other databases hold back shared
/// catalogs only. A prepared transaction counts, though no session shows it. A physical slot with feedback counts in every
/// database and outlives its standby; a logical slot's catalog horizon holds back catalogs, not tables. A running vacuum does
/// not count.
struct XminHorizon: DatabaseCheck {
    static let name = "xmin-horizon"
    static let title = "Vacuum horizon"
    static let ids = ["vacuum.W030", "vacuum.W031", "vacuum.W032", "vacuum.W033"]
    static let concern = Concern.vacuum
    static let thresholds: [Threshold<Self>] = [
        .count("minimumAge", \.minimumAge, "How many transactions back a holder's horizon has to lie."),
        .duration(
            "minimumDuration",
            \.minimumDuration,
            "How long a session or prepared transaction has to last instead."
        ),
    ]

    var minimumAge = 1_000_000
    var minimumDuration = Duration.seconds(3600)

    /// What kind of thing holds the horizon.
    enum Kind: String, Sendable {
        case session, prepared, slot, standby
    }

    /// One holder.
    struct Holder: Sendable, Hashable {
        var kind: Kind
        /// A process id, a prepared transaction's name, a slot's name, a standby's application name.
        var name: String
        var age: Int
        var seconds: Double?
        var user: String?
        var state: String?
        /// A slot that nobody reads.
        var isAbandoned = false
    }

    struct Observation: Sendable {
        var holders: [Holder]
        var seesSessions = true
        var role = "app"
    }

    func verdict(on observation: Observation) -> Verdict {
        let late = observation.holders.filter { holder in
            holder.age >= self.minimumAge || (holder.seconds ?? 0) >= self.minimumDuration.seconds
        }
        if late.isEmpty, !observation.seesSessions {
            return Obstacle.privilege("pg_monitor", for: observation.role, toSee: "what other sessions hold").verdict
        }
        let oldest = observation.holders.map(\.age).max() ?? 0
        return .of(late.map(self.finding), evidence: [Evidence("oldest horizon, transactions ago", .count(oldest))])
    }

    private func finding(_ holder: Holder) -> Finding {
        Finding(
            holder.id,
            .warning,
            on: holder.subject,
            message:
                "Dead rows since \(Quantity.count(holder.age).text) transactions stay because of \(holder.subject).",
            evidence: [
                Evidence("age of its horizon", .count(holder.age)),
                Evidence("lasts", holder.seconds.map(Quantity.seconds) ?? .missing),
                Evidence("role", holder.user.map(Quantity.text) ?? .missing),
                Evidence("state", holder.state.map(Quantity.text) ?? .missing),
            ],
            remedy: holder.remedy,
            weight: Double(holder.age)
        )
    }
}

extension XminHorizon.Holder {
    var id: String {
        switch self.kind {
        case .session: "vacuum.W030"
        case .prepared: "vacuum.W031"
        case .slot: "vacuum.W032"
        case .standby: "vacuum.W033"
        }
    }

    var subject: String {
        switch self.kind {
        case .session: "session \(self.name)"
        case .prepared: "prepared transaction \(self.name)"
        case .slot: "replication slot \(self.name)"
        case .standby: "standby \(self.name)"
        }
    }

    var remedy: Remedy {
        switch self.kind {
        case .session:
            Remedy(
                "End its transaction, best in the application.",
                commands: ["SELECT pg_terminate_backend(\(self.name));"]
            )
        case .prepared:
            Remedy(
                "Commit or roll it back, connected to this database, after asking whose it is.",
                commands: ["ROLLBACK PREPARED \(literal(self.name));"]
            )
        case .slot:
            self.isAbandoned
                ? Remedy(
                    "Nobody reads it: drop it unless its standby comes back.",
                    commands: ["SELECT pg_drop_replication_slot(\(literal(self.name)));"]
                )
                : Remedy("End the long query on the standby that reads it, or switch hot_standby_feedback off there.")
        case .standby:
            Remedy("End the long query on that standby, or switch hot_standby_feedback off there.")
        }
    }
}

extension XminHorizon {
    func collect(from inspection: Inspection) async throws -> Observation {
        Observation(
            holders: try await inspection.query(self.sql).values(),
            seesSessions: inspection.server.hasRole("pg_read_all_stats"),
            role: inspection.server.user
        )
    }

    // With a slot the standby's feedback shows in the slot only, so walsenders with one are not counted twice: theirs is NULL.
    // A vacuum's own snapshot is in the activity view too; the server ignores it.
    private var sql: SQL {
        """
        /* millwright:xmin-horizon */
        SELECT 'session', a.pid::text,
               greatest(pg_catalog.age(a.backend_xmin), pg_catalog.age(a.backend_xid)),
               extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start), a.usename, a.state, false
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
          AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
          AND a.backend_type = 'client backend'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid = a.pid)
        UNION ALL
        SELECT 'prepared', p.gid, pg_catalog.age(p.transaction),
               extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared), p.owner, 'prepared', false
        FROM pg_catalog.pg_prepared_xacts AS p
        WHERE p.database = pg_catalog.current_database()
        UNION ALL
        SELECT 'slot', s.slot_name, pg_catalog.age(s.xmin), NULL, NULL, s.wal_status, NOT s.active
        FROM pg_catalog.pg_replication_slots AS s
        WHERE s.xmin IS NOT NULL
        UNION ALL
        SELECT 'standby', coalesce(nullif(r.application_name, ''), r.pid::text), pg_catalog.age(r.backend_xmin), NULL,
               r.usename, r.state, false
        FROM pg_catalog.pg_stat_replication AS r
        WHERE r.backend_xmin IS NOT NULL
        ORDER BY 3 DESC, 2
        """
    }
}

extension XminHorizon.Holder: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.kind = XminHorizon.Kind(rawValue: try cursor.next()) ?? .session
        self.name = try cursor.next()
        self.age = try cursor.next()
        self.seconds = try cursor.next()
        self.user = try cursor.next()
        self.state = try cursor.next()
        self.isAbandoned = try cursor.next()
    }
}
