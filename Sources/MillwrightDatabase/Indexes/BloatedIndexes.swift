// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds btree indexes that take much more space than their content needs.
///
/// The need is worked out from the rows and the column widths. Where the extension pgstattuple is installed and may be used, the
/// biggest suspects are measured, within a time budget, and only what was measured is called a finding. Without it a finding
/// is an estimate and says so.
///
/// Blind spot: sizes are those of the last VACUUM or ANALYZE, since the size functions wait behind locks.
struct BloatedIndexes: DatabaseCheck {
    static let name = "bloated-indexes"
    static let title = "Bloated indexes"
    static let ids = ["indexes.W050"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .share("minimumShare", \.minimumShare, "The share of the index that has to be wasted."),
        .bytes("minimumWaste", \.minimumWaste, "The space that has to be wasted."),
        .count("maximumMeasurements", \.maximumMeasurements, "How many suspects are measured at most."),
        .duration("measuringTime", \.measuringTime, "How long measuring may take altogether."),
    ]

    var minimumShare = 0.4
    var minimumWaste = 1 << 20
    var maximumMeasurements = 8
    var measuringTime = Duration.seconds(1)

    struct Observation: Sendable {
        var catalog: Catalog
        /// What each suspect takes and needs.
        var suspects: [Suspect]
        var role: String
        var readsStatistics: Bool
    }

    struct Suspect: Sendable, Hashable {
        var index: CatalogIndex
        var bytes: Int
        /// Nothing where a column's width is not known.
        var need: BtreeSize?
        var measurement: IndexMeasurement?

        /// The least and the most it can waste, in bytes.
        var waste: ClosedRange<Double>? {
            guard let need else { return nil }
            let least = max(0, Double(self.bytes) - need.range.upperBound)
            return least...max(least, Double(self.bytes) - need.range.lowerBound)
        }
    }

    func verdict(on observation: Observation) -> Verdict {
        let findings = observation.suspects.compactMap { self.finding($0, in: observation.catalog) }
        let blind = observation.suspects.filter { $0.need == nil && $0.measurement == nil }
        if findings.isEmpty, !blind.isEmpty {
            return .unknown(
                reason: "The planner's statistics of \(blind.count) indexes' columns are missing or may not be read.",
                cure: observation.readsStatistics
                    ? "ANALYZE;" : "GRANT pg_read_all_data TO \(quoted(observation.role));"
            )
        }
        return .of(
            findings,
            evidence: [
                Evidence("indexes looked at", .count(observation.suspects.count)),
                Evidence("measured", .count(observation.suspects.count { $0.measurement != nil })),
            ]
        )
    }

    private func finding(_ suspect: Suspect, in catalog: Catalog) -> Finding? {
        let waste = suspect.measurement.map { Double($0.wasted) } ?? suspect.waste?.lowerBound ?? 0
        let bytes = suspect.measurement?.bytes ?? suspect.bytes
        guard self.isTooMuch(waste, of: bytes) else { return nil }
        let isMeasured = suspect.measurement != nil
        var evidence = [
            Evidence(isMeasured ? "size" : "size (relpages)", .bytes(bytes)),
            Evidence(isMeasured ? "wasted" : "wasted at least, estimated", .bytes(Int(waste))),
            Evidence("share wasted", .share(waste / Double(bytes))),
        ]
        if let density = suspect.measurement?.leafDensity {
            evidence.append(Evidence("avg_leaf_density", .share(density / 100)))
        }
        return Finding(
            "indexes.W050",
            .warning,
            on: suspect.index.name,
            message: "The index on \(catalog.table(of: suspect.index)) holds "
                + "\(Quantity.share(waste / Double(bytes)).text) empty space.",
            evidence: evidence,
            remedy: Remedy(
                "Build it anew; writers go on meanwhile, and as much space again is needed until it is done.",
                commands: ["REINDEX INDEX CONCURRENTLY \(suspect.index.name);"]
            ),
            confidence: isMeasured ? .high : .low,
            weight: waste
        )
    }

    func isTooMuch(_ waste: Double, of bytes: Int) -> Bool {
        waste >= Double(self.minimumWaste) && waste >= self.minimumShare * Double(bytes)
    }
}
