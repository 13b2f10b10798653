// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds btree indexes whose content alone is bigger than the table they belong to.
///
/// An index that is swollen is ``BloatedIndexes``' affair: here empty space is left out, by measuring where pgstattuple may be
/// used, else by the widths of the columns. What remains is an index that repeats wide keys or carries too many INCLUDE columns.
///
/// Blind spot: what a table keeps out of line (TOAST) is not counted as its size.
struct OversizeIndexes: DatabaseCheck {
    static let name = "oversize-indexes"
    static let title = "Oversize indexes"
    static let ids = ["indexes.I060"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .factor("minimumRatio", \.minimumRatio, "How many times the table's size the content has to be."),
        .bytes("minimumBytes", \.minimumBytes, "Indexes smaller than this are left alone."),
        .duration("measuringTime", \.measuringTime, "How long measuring may take altogether."),
    ]

    var minimumRatio = 1.0
    var minimumBytes = 10 << 20
    var measuringTime = Duration.seconds(1)

    struct Observation: Sendable {
        var catalog: Catalog
        var suspects: [Suspect]
        var role: String
        var readsStatistics: Bool
    }

    struct Suspect: Sendable, Hashable {
        var index: CatalogIndex
        var columns: [BtreeSize.Column] = []
        /// The bytes that are filled, where pgstatindex measured them.
        var measuredBytes: Int?

        /// The bytes the content takes at least, or nothing where neither a measurement nor the statistics tell.
        var contentBytes: Int? {
            self.measuredBytes
                ?? BtreeSize(
                    rows: self.index.rows,
                    columns: self.columns,
                    fillFactor: self.index.fillFactor,
                    canDeduplicate: self.index.included.isEmpty
                ).map { Int($0.range.lowerBound) }
        }
    }

    func collect(from inspection: Inspection) async throws -> Observation {
        let catalog = try await inspection.catalog()
        let big = catalog.indexes.filter { self.isSuspect($0, in: catalog) }
            .sorted { ($1.pages, $0.oid) < ($0.pages, $1.oid) }.prefix(20)
        let columns = big.isEmpty ? [:] : try await BtreeSize.Column.read(of: big.map(\.oid), from: inspection)
        var suspects = big.map { Suspect(index: $0, columns: columns[$0.oid] ?? []) }
        let schema = big.isEmpty ? nil : try await IndexMeasurement.schema(seenBy: inspection)
        let end = ContinuousClock.now + self.measuringTime
        for position in suspects.indices where ContinuousClock.now < end {
            guard let schema else { break }
            let index = suspects[position].index
            let result = try await inspection.attempt {
                try await IndexMeasurement.read(index, schema: schema, from: $0)
            }
            guard case .success(var measurement?) = result else { continue }
            measurement.blockSize = catalog.blockSize
            suspects[position].measuredBytes = measurement.bytes - measurement.wasted
        }
        return Observation(
            catalog: catalog,
            suspects: suspects,
            role: inspection.server.user,
            readsStatistics: inspection.server.isSuperuser || inspection.server.hasRole("pg_read_all_data")
        )
    }

    func verdict(on observation: Observation) -> Verdict {
        let blind = observation.suspects.filter { $0.contentBytes == nil }
        let findings = observation.suspects.compactMap { self.finding($0, in: observation.catalog) }
        if findings.isEmpty, !blind.isEmpty {
            return .unknown(
                reason: "How full \(blind.count) indexes are that are bigger than their tables cannot be seen.",
                cure: observation.readsStatistics
                    ? "ANALYZE;" : "GRANT pg_read_all_data TO \(quoted(observation.role));"
            )
        }
        return .of(
            findings,
            evidence: [Evidence("indexes bigger than their table", .count(observation.suspects.count))]
        )
    }

    func isSuspect(_ index: CatalogIndex, in catalog: Catalog) -> Bool {
        guard index.method == "btree", index.isUsable, !index.isPartitioned, let table = catalog.tables[index.table],
            catalog.bytes(index.pages) >= self.minimumBytes
        else { return false }
        return Double(index.pages) >= self.minimumRatio * Double(max(1, table.pages))
    }

    private func finding(_ suspect: Suspect, in catalog: Catalog) -> Finding? {
        guard let content = suspect.contentBytes, let table = catalog.tables[suspect.index.table] else { return nil }
        let tableBytes = catalog.bytes(max(1, table.pages))
        guard Double(content) >= self.minimumRatio * Double(tableBytes), content >= self.minimumBytes else {
            return nil
        }
        let index = suspect.index
        return Finding(
            "indexes.I060",
            .info,
            on: index.name,
            message: "What this index holds is bigger than its table \(table.name).",
            evidence: [
                Evidence("content", .bytes(content)),
                Evidence("size (relpages)", .bytes(catalog.bytes(index.pages))),
                Evidence("size of the table (relpages)", .bytes(tableBytes)),
                Evidence("INCLUDE columns", .count(index.included.count)),
                Evidence("idx_scan", .count(index.scans)),
            ],
            remedy: Remedy(
                index.included.isEmpty
                    ? "Where only equality is asked for, a hash index on the widest key is smaller; else take fewer keys."
                    : "Keep only those INCLUDE columns that index-only scans read: \(index.included.count) are carried along."
            ),
            confidence: suspect.measuredBytes == nil ? .low : .high,
            weight: Double(content)
        )
    }
}
