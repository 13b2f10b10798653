// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds indexes that cost writes and disk but serve no read.
///
/// It says so only when the counters cover long enough a time: since the last crash, reset or promotion, and since the index
/// was made. An index has no creation time; Millwright's own history knows it, or the commit timestamp of its catalog row.
///
/// Never named: indexes that enforce a rule, identify rows, order the table, belong to a bigger whole, or are the only support of a
/// foreign key. An index of a partitioned table is judged by the scans of all its parts.
///
/// Blind spot: standbys count for themselves. A finding names each one whose counters were not added.
struct UnusedIndexes: DatabaseCheck {
    static let name = "unused-indexes"
    static let title = "Unused indexes"
    static let ids = ["indexes.W020"]
    static let concern = Concern.indexes
    static let thresholds: [Threshold<Self>] = [
        .duration(
            "minimumWindow",
            \.minimumWindow,
            "How long the counters must cover before an index counts as unused."
        ),
        .count("maximumScans", \.maximumScans, "How many scans still count as unused."),
        .bytes("minimumBytes", \.minimumBytes, "Indexes smaller than this are left alone."),
    ]

    var minimumWindow = Duration.seconds(7 * 86400)
    var maximumScans = 0
    var minimumBytes = 1 << 20

    struct Observation: Sendable {
        var catalog: Catalog
        var window: StatisticsWindow
        /// When Millwright first saw each index, by its qualified name.
        var firstSeen: [String: Double] = [:]
    }

    func collect(from inspection: Inspection) async throws -> Observation {
        Observation(
            catalog: try await inspection.catalog().adding(inspection.otherNodes),
            window: try await inspection.window().adding(inspection.otherNodes),
            firstSeen: try await inspection.indexHistory()
        )
    }

    func verdict(on observation: Observation) -> Verdict {
        let window = observation.window
        if let unknown = window.withoutCounting { return unknown }
        guard window.length >= self.minimumWindow.seconds else { return self.tooEarly(window) }
        let candidates = self.candidates(in: observation.catalog)
        let known = candidates.filter { observation.madeAt($0) != nil }
        let findings = known.compactMap { self.finding($0, in: observation) }
        if findings.isEmpty, known.count < candidates.count {
            return .unknown(
                reason:
                    "\(candidates.count - known.count) indexes were not scanned, but nothing tells how old they are.",
                cure: "Run `manage index_audit --snapshot` now, and ask again in "
                    + "\(Self.span(self.minimumWindow.seconds)): it keeps which indexes there are."
            )
        }
        let young = self.young(in: observation)
        if findings.isEmpty, !young.isEmpty { return self.tooYoung(young) }
        return .of(findings, evidence: window.evidence)
    }

    /// Names what is too young to be judged, also beside what was found.
    func exhibits(on observation: Observation) -> Exhibits {
        let window = observation.window
        guard window.withoutCounting == nil, window.length >= self.minimumWindow.seconds else { return Exhibits() }
        return Exhibits(
            facts: self.young(in: observation).map {
                Evidence("not scanned, too young to judge", .text("\($0.index.name), \(Self.span($0.age)) old"))
            }
        )
    }

    /// What was not scanned since it was made, which is not long ago, with its age in seconds.
    private func young(in observation: Observation) -> [(index: CatalogIndex, age: Double)] {
        self.candidates(in: observation.catalog).compactMap { index in
            guard let madeAt = observation.madeAt(index) else { return nil }
            let age = max(0, observation.window.now - madeAt)
            return age < self.minimumWindow.seconds ? (index, age) : nil
        }
    }

    private func tooYoung(_ young: [(index: CatalogIndex, age: Double)]) -> Verdict {
        let names = young.prefix(5).map { "\($0.index.name), \(Self.span($0.age)) old" }.joined(separator: "; ")
        let more = young.count > 5 ? "; and \(young.count - 5) more" : ""
        let oldest = young.map(\.age).max() ?? 0
        return .unknown(
            reason: "What was not scanned is too young to be called unused: \(names)\(more); a verdict needs "
                + "\(Self.span(self.minimumWindow.seconds)).",
            cure: "Ask again in \(Self.span(self.minimumWindow.seconds - oldest))."
        )
    }

    private func tooEarly(_ window: StatisticsWindow) -> Verdict {
        .unknown(
            reason: "The counters began \(Self.span(window.length)) ago, at the last crash, reset or start; "
                + "a verdict needs \(Self.span(self.minimumWindow.seconds)).",
            cure: "Ask again in \(Self.span(self.minimumWindow.seconds - window.length))."
        )
    }

    private func candidates(in catalog: Catalog) -> [CatalogIndex] {
        let keys = Dictionary(grouping: catalog.foreignKeys, by: \.table)
        // Two unused indexes may serve one foreign key between them: of what is dropped elsewhere, or named here before,
        // nothing counts as its support. And what is to serve the statements of one that is dropped elsewhere stays.
        var gone = catalog.redundant
        let heirs = catalog.heirs(where: { $0.scans > self.maximumScans })
        return catalog.wholeIndexes.filter { index in
            guard index.isUsable, !index.isProtected, index.scans <= self.maximumScans, !heirs.contains(index.oid),
                catalog.bytes(index.pages) >= self.minimumBytes
            else { return false }
            let others = catalog.indexes(of: index.table).filter { $0.oid == index.oid || !gone.contains($0.oid) }
            guard !(keys[index.table] ?? []).contains(where: { $0.isSupportedOnly(by: index, among: others) }) else {
                return false
            }
            gone.insert(index.oid)
            return true
        }
    }

    private func finding(_ index: CatalogIndex, in observation: Observation) -> Finding? {
        let window = observation.window
        guard let madeAt = observation.madeAt(index) else { return nil }
        let watched = min(window.length, window.now - madeAt)
        guard watched >= self.minimumWindow.seconds else { return nil }
        return Finding(
            "indexes.W020",
            .warning,
            on: index.name,
            message: "The index on \(observation.catalog.table(of: index)) was "
                + (index.scans == 0 ? "not scanned" : "scanned \(index.scans) times")
                + " in \(Self.span(watched)).",
            evidence: [
                Evidence("idx_scan", .count(index.scans)),
                Evidence("size (relpages)", .bytes(observation.catalog.bytes(index.pages))),
                Evidence("watched", .seconds(watched)),
            ] + window.evidence,
            remedy: self.remedy(for: index, in: observation),
            confidence: window.seesAllNodes ? .high : .medium,
            weight: Double(observation.catalog.bytes(index.pages))
        )
    }

    private func remedy(for index: CatalogIndex, in observation: Observation) -> Remedy {
        let advice =
            observation.window.seesAllNodes
            ? "Drop it unless a rare job needs it; keep its definition."
            : "Look at the same counter on every other node first; then drop it unless a rare job needs it."
        return Remedy.dropping(index, advice).keepingStatistics(of: index, on: observation.catalog.table(of: index))
    }

    static func span(_ seconds: Double) -> String { Quantity.seconds(seconds.rounded()).text }
}

extension UnusedIndexes.Observation {
    /// When an index was there already: Millwright's history knows it by its oid, and its row may have been written anew since.
    func madeAt(_ index: CatalogIndex) -> Double? {
        [self.firstSeen[index.name], index.writtenAt].compactMap { $0 }.min()
    }
}

extension ForeignKey {
    /// Whether without this index the key would have no index to be looked up by.
    func isSupportedOnly(by index: CatalogIndex, among indexes: [CatalogIndex]) -> Bool {
        self.support(among: [index]) == .full && self.support(among: indexes.filter { $0.oid != index.oid }) != .full
    }
}

extension Catalog {
    /// The indexes that stand for themselves; one of a partitioned table with the pages and scans of all its parts.
    var wholeIndexes: [CatalogIndex] {
        let parents = Dictionary(self.indexes.map { ($0.oid, $0.parent) }) { first, _ in first }
        var pages: [Int: Int] = [:]
        var scans: [Int: Int] = [:]
        for part in self.indexes where part.parent != 0 {
            var root = part.parent
            while let next = parents[root], next != 0 { root = next }
            pages[root, default: 0] += part.pages
            scans[root, default: 0] += part.scans
        }
        return self.indexes.filter { $0.parent == 0 }.map { index in
            var whole = index
            whole.pages += pages[index.oid] ?? 0
            whole.scans += scans[index.oid] ?? 0
            return whole
        }
    }
}
