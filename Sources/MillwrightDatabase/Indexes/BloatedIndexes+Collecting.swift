// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension BloatedIndexes {
    /// How many of the biggest indexes are estimated; smaller ones cannot waste much.
    private static let maximumSuspects = 200

    func collect(from inspection: Inspection) async throws -> Observation {
        let catalog = try await inspection.catalog()
        let big = catalog.indexes
            .filter { $0.method == "btree" && $0.isUsable && !$0.isPartitioned }
            .filter { catalog.bytes($0.pages) >= self.minimumWaste }
            .sorted { ($1.pages, $0.oid) < ($0.pages, $1.oid) }
            .prefix(Self.maximumSuspects)
        let columns = big.isEmpty ? [:] : try await BtreeSize.Column.read(of: big.map(\.oid), from: inspection)
        var suspects = big.map { index in
            Suspect(
                index: index,
                bytes: catalog.bytes(index.pages),
                need: columns[index.oid].flatMap {
                    BtreeSize(
                        rows: index.rows,
                        columns: $0,
                        fillFactor: index.fillFactor,
                        canDeduplicate: index.included.isEmpty
                    )
                }
            )
        }
        try await self.measure(&suspects, in: inspection, blockSize: catalog.blockSize)
        return Observation(
            catalog: catalog,
            suspects: suspects,
            role: inspection.server.user,
            readsStatistics: inspection.server.isSuperuser || inspection.server.hasRole("pg_read_all_data")
        )
    }

    /// Measures the suspects that waste most, or whose waste nobody can estimate, until time is over.
    private func measure(_ suspects: inout [Suspect], in inspection: Inspection, blockSize: Int) async throws {
        let most = { (suspect: Suspect) in suspect.waste?.upperBound ?? Double(suspect.bytes) }
        let order = suspects.indices
            .filter { self.isTooMuch(most(suspects[$0]), of: suspects[$0].bytes) }
            .sorted { most(suspects[$0]) > most(suspects[$1]) }
        guard !order.isEmpty, let schema = try await IndexMeasurement.schema(seenBy: inspection) else { return }
        let end = ContinuousClock.now + self.measuringTime
        for position in order.prefix(self.maximumMeasurements) where ContinuousClock.now < end {
            let index = suspects[position].index
            let result = try await inspection.attempt {
                try await IndexMeasurement.read(index, schema: schema, from: $0)
            }
            guard case .success(var measurement?) = result else { continue }
            measurement.blockSize = blockSize
            suspects[position].measurement = measurement
        }
    }
}
