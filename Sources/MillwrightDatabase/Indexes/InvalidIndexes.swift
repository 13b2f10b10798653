// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds indexes that serve no statement because their build did not finish.
///
/// `indisvalid` is false for five reasons, and each has its own cure: the build is running now (wait); a CREATE INDEX
/// CONCURRENTLY failed (rebuild; a ready one is still written by every statement); a REINDEX CONCURRENTLY failed and left
/// `_ccnew` or `_ccold` beside the index it copied (drop); the index of a partitioned table waits for its partitions (attach, never drop); `pg_upgrade` left
/// it so (rebuild).
struct InvalidIndexes: DatabaseCheck {
    static let name = "invalid-indexes"
    static let title = "Invalid indexes"
    static let ids = ["indexes.E001", "indexes.W002", "indexes.W003", "indexes.I004", "indexes.W005"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = []

    struct Observation: Sendable {
        var catalog: Catalog
        /// Tables on which an index is being built now.
        var building: Set<Int> = []
    }

    func collect(from inspection: Inspection) async throws -> Observation {
        let catalog = try await inspection.catalog()
        guard catalog.indexes.contains(where: { !$0.isValid }) else { return Observation(catalog: catalog) }
        let rows = try await inspection.query(self.sql)
        return Observation(catalog: catalog, building: Set(try rows.map { try $0.get(0, as: Int.self) }))
    }

    func verdict(on observation: Observation) -> Verdict {
        let catalog = observation.catalog
        let invalid = catalog.indexes.filter { !$0.isValid }
        let findings = invalid.filter { !observation.building.contains($0.table) }.map { self.finding($0, in: catalog) }
        return .of(
            findings,
            evidence: [
                Evidence("indexes", .count(catalog.indexes.count)),
                Evidence("being built now", .count(invalid.count - findings.count)),
            ]
        )
    }

    private func finding(_ index: CatalogIndex, in catalog: Catalog) -> Finding {
        let cause = Cause(index, beside: catalog.indexes(of: index.table).filter { $0.oid != index.oid })
        return Finding(
            cause.id,
            cause.severity,
            on: index.name,
            message: cause.message(on: catalog.table(of: index)),
            evidence: [
                Evidence("indisvalid", false),
                Evidence("indisready", .flag(index.isReady)),
                Evidence("size (relpages)", .bytes(catalog.bytes(index.pages))),
            ],
            remedy: cause.remedy(for: index),
            weight: Double(catalog.bytes(index.pages))
        )
    }

    // The progress view hides its rows from roles that may not read other sessions; the lock that a concurrent build holds
    // on its table is seen by everybody. VACUUM and ANALYZE hold the same lock, and then the check waits for another day.
    private var sql: SQL {
        """
        /* millwright:invalid-indexes */
        SELECT p.relid::bigint AS "table"
        FROM pg_catalog.pg_stat_progress_create_index AS p
        WHERE p.datname = pg_catalog.current_database() AND p.relid IS NOT NULL
        UNION
        SELECT l.relation::bigint
        FROM pg_catalog.pg_locks AS l
        JOIN pg_catalog.pg_database AS d ON d.oid = l.database
        WHERE d.datname = pg_catalog.current_database() AND l.locktype = 'relation'
          AND l.mode = 'ShareUpdateExclusiveLock' AND NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
        ORDER BY 1
        """
    }
}

/// Why an index is invalid.
private enum Cause {
    case failedBuild, failedUniqueBuild, deadWeight, remnant, awaitsPartitions, upgraded

    init(_ index: CatalogIndex, beside others: [CatalogIndex]) {
        let plain = index.name.hasSuffix("\"") ? String(index.name.dropLast()) : index.name
        let stem = String(plain.reversed().drop { $0.isNumber }.reversed())
        if index.isPartitioned {
            self = .awaitsPartitions
        } else if index.constraint != nil || (index.method == "hash" && index.isReady) {
            self = .upgraded
        } else if others.contains(where: { $0.isUsable && Self.serves($0, like: index) }),
            plain.hasSuffix("_ccold") || stem.hasSuffix("_ccnew") || stem.hasSuffix("_ccold")
        {
            self = .remnant
        } else if !index.isReady {
            self = .deadWeight
        } else {
            self = index.isUnique ? .failedUniqueBuild : .failedBuild
        }
    }

    /// Whether an index is what a rebuild of it would copy: a copy is never a constraint's, and keeps all else.
    private static func serves(_ one: CatalogIndex, like copy: CatalogIndex) -> Bool {
        var (one, copy) = (one, copy)
        (one.isImmediate, copy.isImmediate) = (true, true)
        return IndexIdentity(one) == IndexIdentity(copy)
    }

    var id: String {
        switch self {
        case .failedBuild, .failedUniqueBuild: "indexes.E001"
        case .deadWeight: "indexes.W002"
        case .remnant: "indexes.W003"
        case .awaitsPartitions: "indexes.I004"
        case .upgraded: "indexes.W005"
        }
    }

    var severity: Severity {
        switch self {
        case .failedBuild, .failedUniqueBuild: .error
        case .deadWeight, .remnant, .upgraded: .warning
        case .awaitsPartitions: .info
        }
    }

    func message(on table: String) -> String {
        switch self {
        case .failedBuild: "The build of this index on \(table) failed: every write maintains it, no read uses it."
        case .failedUniqueBuild:
            "The build of this unique index on \(table) failed: it refuses new duplicates, but no read uses it."
        case .deadWeight: "The build of this index on \(table) failed early: it is not used and not maintained."
        case .remnant: "A REINDEX CONCURRENTLY on \(table) failed and left this index behind."
        case .awaitsPartitions: "This index of the partitioned table \(table) waits until each partition has its own."
        case .upgraded: "This index on \(table) was marked invalid, as pg_upgrade does where the format has changed."
        }
    }

    func remedy(for index: CatalogIndex) -> Remedy {
        switch self {
        case .failedBuild:
            Remedy(
                "Rebuild it, or drop it if it is not needed.",
                commands: ["REINDEX INDEX CONCURRENTLY \(index.name);"]
            )
        case .failedUniqueBuild:
            Remedy(
                "Look for rows with equal keys and resolve them first, then rebuild it.",
                commands: ["REINDEX INDEX CONCURRENTLY \(index.name);"]
            )
        case .deadWeight:
            Remedy("Drop it and build it again if it is needed.", commands: ["DROP INDEX CONCURRENTLY \(index.name);"])
        case .remnant:
            Remedy(
                "Drop it; the index it was meant to replace is in place.",
                commands: ["DROP INDEX CONCURRENTLY \(index.name);"]
            )
        case .awaitsPartitions:
            Remedy("Build the index on each partition that lacks it and attach it with ALTER INDEX … ATTACH PARTITION.")
        case .upgraded:
            Remedy(
                index.isExclusion
                    ? "Rebuild it in a quiet hour: an exclusion constraint's index cannot be rebuilt concurrently."
                    : "Rebuild it; no statement reads it until then.",
                commands: ["REINDEX INDEX \(index.isExclusion ? "" : "CONCURRENTLY ")\(index.name);"]
            )
        }
    }
}
