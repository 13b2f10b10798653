// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds indexes that are read so seldom and written so often that they cost more than they give.
///
/// An UPDATE that sets no indexed column leaves all indexes alone (HOT). An index on a column that is updated turns each such
/// UPDATE into a write to **every** index of the table; where pg_stat_statements shows that this happens, the finding is a
/// warning. Indexes that nothing scans at all are ``UnusedIndexes``' affair.
///
/// Never named: what ``UnusedIndexes`` would never name.
///
/// Blind spot: one rare statement may be worth a million writes; its name is not known here.
struct LowValueIndexes: DatabaseCheck {
    static let name = "low-value-indexes"
    static let title = "Indexes that cost more than they give"
    static let ids = ["indexes.W070", "indexes.I071"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .duration("minimumWindow", \.minimumWindow, "How long the counters must cover."),
        .count("minimumWrites", \.minimumWrites, "How many rows of the table must have been written."),
        .factor("maximumScansPerWrite", \.maximumScansPerWrite, "How many scans a written row still count as few."),
        .share(
            "maximumHotShare",
            \.maximumHotShare,
            "The share of HOT updates below which an updated column is blamed."
        ),
    ]

    var minimumWindow = Duration.seconds(86400)
    var minimumWrites = 10_000
    var maximumScansPerWrite = 0.001
    var maximumHotShare = 0.5

    struct Observation: Sendable {
        /// A column of the index that UPDATE statements set.
        struct Update: Sendable, Hashable {
            /// Quoted.
            var column: String
            var calls: Int
        }

        var catalog: Catalog
        var window: StatisticsWindow
        /// When Millwright first saw each index, by its qualified name.
        var firstSeen: [String: Double] = [:]
        /// The updated columns of each index.
        var updates: [Int: [Update]] = [:]
        /// Whether the statements could be read, so that no update means none.
        var readsStatements = false
    }

    func verdict(on observation: Observation) -> Verdict {
        let window = observation.window
        if let unknown = window.withoutCounting { return unknown }
        guard window.length >= self.minimumWindow.seconds else {
            return .unknown(
                reason:
                    "The counters began \(UnusedIndexes.span(window.length)) ago, at the last crash, reset or start; "
                    + "a verdict needs \(UnusedIndexes.span(self.minimumWindow.seconds)).",
                cure: "Ask again in \(UnusedIndexes.span(self.minimumWindow.seconds - window.length))."
            )
        }
        let suspects = self.suspects(in: observation.catalog)
        let known = suspects.filter { index in
            [observation.firstSeen[index.name], index.writtenAt].compactMap { $0 }.min()
                .map { window.now - $0 >= self.minimumWindow.seconds } ?? false
        }
        return .of(
            known.map { self.finding($0, in: observation) },
            evidence: [Evidence("too young or of unknown age", .count(suspects.count - known.count))] + window.evidence
        )
    }

    /// Indexes with few scans on a table with many writes.
    func suspects(in catalog: Catalog) -> [CatalogIndex] {
        let keys = Dictionary(grouping: catalog.foreignKeys, by: \.table)
        return catalog.indexes.filter { index in
            guard index.isUsable, !index.isProtected, !index.isPartitioned, index.scans > 0,
                let table = catalog.tables[index.table], table.writes >= self.minimumWrites,
                Double(index.scans) <= self.maximumScansPerWrite * Double(table.writes)
            else { return false }
            return !(keys[index.table] ?? []).contains {
                $0.isSupportedOnly(by: index, among: catalog.indexes(of: index.table))
            }
        }
    }

    private func finding(_ index: CatalogIndex, in observation: Observation) -> Finding {
        let catalog = observation.catalog
        let table = catalog.tables[index.table]
        let updates = observation.updates[index.oid] ?? []
        let hotShare = table.flatMap { $0.updated > 0 ? Double($0.hotUpdated) / Double($0.updated) : nil }
        let stopsHot = !updates.isEmpty && index.method != "brin" && (hotShare ?? 1) <= self.maximumHotShare
        var evidence = [
            Evidence("idx_scan", .count(index.scans)),
            Evidence("rows written to the table", .count(table?.writes ?? 0)),
            Evidence("share of HOT updates", hotShare.map(Quantity.share) ?? .missing),
            Evidence("size (relpages)", .bytes(catalog.bytes(index.pages))),
        ]
        evidence += updates.map { Evidence("updates that set \($0.column)", .count($0.calls)) }
        if !observation.readsStatements { evidence.append(Evidence("updated columns", .missing)) }
        let advice = "Ask whether its few scans are worth it: compare what they take without it, then drop it."
        return Finding(
            stopsHot ? "indexes.W070" : "indexes.I071",
            stopsHot ? .warning : .info,
            on: index.name,
            message: stopsHot
                ? "It is hardly read, and updates of its columns write to every index of \(catalog.table(of: index))."
                : "It is hardly read, and \(catalog.table(of: index)) is written often.",
            evidence: evidence + observation.window.evidence,
            remedy: Remedy.dropping(index, advice).keepingStatistics(of: index, on: catalog.table(of: index)),
            confidence: observation.window.seesAllNodes ? .medium : .low,
            weight: Double(catalog.bytes(index.pages))
        )
    }
}

extension CatalogTable {
    /// Rows that made every index of the table grow: inserted ones, and updated ones that were not HOT.
    var writes: Int { self.inserted + self.updated - self.hotUpdated }
}
