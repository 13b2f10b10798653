// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds indexes that Millwright has dropped and that statements miss since.
///
/// It compares what statements on the table cost when the index was dropped with what they have cost since: more pages each call, twice as
/// many at least, and more time. A table that has grown may cost more in proportion.
///
/// Blind spot: what ran too rarely before or since, and statements within functions, which pg_stat_statements does not count apart.
struct DroppedIndexes: DatabaseCheck {
    static let name = "dropped-indexes"
    static let title = "Dropped indexes"
    static let ids = ["indexes.W021"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .duration("maximumAge", \.maximumAge, "Indexes that were dropped longer ago are no longer asked about.")
    ]

    var maximumAge = Duration.seconds(90 * 86400)

    struct Observation: Sendable {
        var drops: [KeptDrop] = []
        /// `nil` where nothing was dropped.
        var now: DropsNow?
    }

    func collect(from inspection: Inspection) async throws -> Observation {
        let drops = try await KeptDrop.read(from: inspection, youngerThan: self.maximumAge.seconds)
        guard !drops.isEmpty else { return Observation() }
        let names = Set(drops.flatMap { $0.figures?.names ?? [] }).sorted()
        let statistics = try await StatementStatistics.read(from: inspection, limit: DropReader.limit, naming: names)
        let rows = try await inspection.query(
            """
            /* millwright:dropped-indexes */
            SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8
            """
        )
        let now = try rows[0].get(0, as: Double.self)
        return Observation(
            drops: drops,
            now: DropsNow(
                statistics: statistics,
                resetAt: statistics.windowSeconds.map { now - $0 },
                now: now,
                targets: try await DropTarget.read(drops.map { (index: $0.index, table: $0.table) }, from: inspection)
            )
        )
    }

    func verdict(on observation: Observation) -> Verdict {
        guard let now = observation.now else { return .ok([Evidence("indexes dropped and not had again", 0)]) }
        if let obstacle = now.statistics.obstacle { return obstacle.verdict }
        // of a table that is gone there is nothing to ask
        let asked = zip(observation.drops, now.targets).filter { $0.figures == nil || !$1.relations.isEmpty }
        let seen = asked.compactMap { $0.observation(in: now, target: $1) }
        let findings = seen.compactMap(self.finding)
        if findings.isEmpty, let blind = self.blindness(asked.map(\.0), seen, now) { return blind }
        return .of(
            findings,
            evidence: [
                Evidence("indexes dropped and not had again", .count(asked.count)),
                Evidence("statements compared", .count(seen.flatMap(\.changes).count { $0.effect != .notCompared })),
            ]
        )
    }

    private func blindness(_ drops: [KeptDrop], _ seen: [DropObservation], _ now: DropsNow) -> Verdict? {
        if now.statistics.hidden > 0 { return now.statistics.blindness?.verdict }
        let judged = Set(seen.filter(\.isCompared).map(\.index))
        let left = drops.filter { !judged.contains($0.index) }
        guard !left.isEmpty else { return nil }
        let names = left.prefix(5).map(\.index).joined(separator: ", ") + (left.count > 5 ? ", …" : "")
        let countings = left.map { $0.figures?.counting(in: now, droppedAt: now.now - $0.age) }
        let (why, cure) =
            if countings.contains(nil) {
                ("what statements cost before was not kept.", Self.undo)
            } else if countings.contains(.elsewhere) {
                ("the counters that were kept at the drop are another server's.", Self.undo)
            } else {
                (
                    "no statement on its table ran often enough before and since to be compared.",
                    "Ask again when statements on the table have run."
                )
            }
        return .unknown(
            reason: "Whether a statement misses what Millwright has dropped is not known of \(names): \(why)",
            cure: cure
        )
    }

    private static let undo = "manage index_audit --undo --apply"

    private func finding(_ seen: DropObservation) -> Finding? {
        guard let words = seen.words else { return nil }
        return Finding(
            "indexes.W021",
            .warning,
            on: seen.index,
            message: "Since it was dropped, \(words).",
            evidence: seen.evidence,
            remedy: Remedy(
                "Have it again; that builds all that were dropped and not had again, last one first.",
                commands: [Self.undo]
            ),
            confidence: .medium
        )
    }
}
