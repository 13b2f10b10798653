// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Since when the server's counters count.
///
/// `pg_stat_database.stats_reset` does not move when a crash wipes the statistics, so it alone is a trap. After a crash all
/// fixed-kind reset times (checkpointer, WAL, archiver, …) jump to the time of recovery; a person's reset moves one of them, so
/// the earliest is taken. Whether that lies before the last start does not matter: a crash may have been followed by a clean
/// restart, and a window that is too short can only make a check say that it does not know.
struct StatisticsWindow: Sendable, Hashable {
    var now: Double
    var serverStart: Double
    var databaseReset: Double?
    var sharedReset: Double?
    /// Standbys that stream from here; their counters are their own and were not read.
    var standbys = 0
    /// Their names: the replication slot, or where there is none the application name.
    var standbyNames: [String] = []
    /// The other nodes whose counters were added.
    var nodesSeen: [String] = []
    /// When the youngest of their counters began.
    var othersStart: Double?
    /// This server is itself a standby, so the primary was not seen.
    var isStandby = false
    /// What a primary may call this server: its replication slot, its cluster name.
    var aliases: [String] = []
    /// Whether scans and writes are counted at all: `track_counts`.
    var isCounting = true

    /// When counting began.
    var start: Double {
        let own = max(self.sharedReset ?? self.serverStart, self.databaseReset ?? 0)
        return max(own, self.othersStart ?? 0)
    }

    /// How long it has lasted, in seconds.
    var length: Double { max(0, self.now - self.start) }

    /// What is said where nothing is counted; `nil` where something is.
    var withoutCounting: Verdict? {
        self.isCounting
            ? nil
            : .unknown(
                reason: "track_counts is off: nobody counts what is scanned and written.",
                cure:
                    "ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf(); -- then ask again when it has counted"
            )
    }

    /// Whether the counters of every node were read.
    var seesAllNodes: Bool { self.standbys == 0 && !self.isStandby }

    /// What a finding says about the window it rests on.
    var evidence: [Evidence] {
        var facts = [Evidence("statistics window", .seconds(self.length))]
        if !self.nodesSeen.isEmpty {
            facts.append(Evidence("nodes seen beside this one", .text(self.nodesSeen.joined(separator: ", "))))
        }
        if self.standbys > 0 { facts.append(Evidence("standbys not seen", .count(self.standbys))) }
        facts += self.standbyNames.map { Evidence("node not seen", .text($0)) }
        if self.isStandby { facts.append(Evidence("nodes not seen", "the primary")) }
        return facts
    }
}

extension StatisticsWindow: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.now = try cursor.next()
        self.serverStart = try cursor.next()
        self.databaseReset = try cursor.next()
        self.sharedReset = try cursor.next()
        self.standbyNames = try cursor.next()
        self.standbys = self.standbyNames.count
        self.isStandby = try cursor.next()
        self.aliases = try cursor.next()
        self.isCounting = try cursor.next()
    }

    static func sql(version: Int) -> SQL {
        let kinds: SQL
        if version >= 170000 {
            // PostgreSQL 17 moved the checkpointer out of the background writer's view.
            kinds = """
                SELECT stats_reset FROM pg_catalog.pg_stat_bgwriter UNION ALL
                SELECT stats_reset FROM pg_catalog.pg_stat_checkpointer UNION ALL
                SELECT stats_reset FROM pg_catalog.pg_stat_io
                """
        } else if version >= 160000 {
            // PostgreSQL 16 brought pg_stat_io.
            kinds = """
                SELECT stats_reset FROM pg_catalog.pg_stat_bgwriter UNION ALL
                SELECT stats_reset FROM pg_catalog.pg_stat_io
                """
        } else {
            kinds = "SELECT stats_reset FROM pg_catalog.pg_stat_bgwriter"
        }
        return """
            /* millwright:statistics-window */
            SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8,
                   extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8,
                   (SELECT extract(epoch FROM d.stats_reset)::float8 FROM pg_catalog.pg_stat_database AS d
                    WHERE d.datname = pg_catalog.current_database()),
                   (SELECT extract(epoch FROM pg_catalog.min(k.stats_reset))::float8
                    FROM (\(kinds) UNION ALL
                          SELECT stats_reset FROM pg_catalog.pg_stat_wal UNION ALL
                          SELECT stats_reset FROM pg_catalog.pg_stat_archiver UNION ALL
                          SELECT stats_reset FROM pg_catalog.pg_stat_slru) AS k),
                   ARRAY(SELECT coalesce('slot ' || s.slot_name, nullif(r.application_name, ''), host(r.client_addr), 'process ' || r.pid)
                         FROM pg_catalog.pg_stat_replication AS r
                         LEFT JOIN pg_catalog.pg_replication_slots AS s ON s.active_pid = r.pid
                         WHERE s.slot_type IS DISTINCT FROM 'logical'
                           AND coalesce(r.application_name, '') NOT IN ('pg_basebackup', 'pg_receivewal')
                         ORDER BY 1)
                   || ARRAY(SELECT 'slot ' || s.slot_name FROM pg_catalog.pg_replication_slots AS s
                            WHERE s.slot_type = 'physical' AND NOT s.active ORDER BY 1),
                   pg_catalog.pg_is_in_recovery(),
                   ARRAY(SELECT 'slot ' || w.slot_name FROM pg_catalog.pg_stat_wal_receiver AS w
                         WHERE w.slot_name <> ''
                         UNION ALL
                         SELECT c.name FROM pg_catalog.current_setting('cluster_name') AS c (name) WHERE c.name <> ''),
                   pg_catalog.current_setting('track_counts')::bool
            """
    }
}
