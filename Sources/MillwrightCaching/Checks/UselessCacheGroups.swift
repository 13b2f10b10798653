// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds key groups that are asked often and seldom have the answer: they cost a round trip and memory for nothing.
///
/// - Needs: an application that counts its reads (`Cache` does).
/// - Cost: one `HGETALL` an alias.
/// - Blind spot: a group whose few hits each save seconds of work can be worth its misses.
/// - Silence: `caches.W001`.
struct UselessCacheGroups: CacheCheck {
    static let name = "useless-cache-groups"
    static let title = "Useless key groups"
    static let ids = ["caches.W001"]
    static let thresholds: [Threshold<Self>] = [
        .share("maximumHitRatio", \.maximumHitRatio, "The hit ratio at or below which a group is useless."),
        .count("minimumReads", \.minimumReads, "Fewer reads than this say nothing."),
    ]

    /// The hit ratio at or below which a group is useless.
    var maximumHitRatio = 0.2
    /// Fewer reads than this say nothing.
    var minimumReads = 200

    func verdict(on seen: CacheObservation) -> Verdict {
        let findings = seen.aliases.flatMap { alias in
            (seen.ratios[alias.name]?.value).map { self.findings(alias, $0) } ?? []
        }
        if findings.isEmpty, let silent = CacheObservation.silence(seen, below: self.minimumReads) { return silent }
        return CacheObservation.verdict(
            findings,
            over: Array(seen.ratios.values),
            evidence: CacheObservation.window(seen)
        )
    }

    private func findings(_ alias: CacheAlias, _ ratio: HitRatio) -> [Finding] {
        ratio.groups.sorted { $0.key < $1.key }.compactMap { group, counts in
            guard counts.reads >= self.minimumReads, let hitRatio = counts.hitRatio, hitRatio <= self.maximumHitRatio
            else { return nil }
            return Finding(
                "caches.W001",
                .warning,
                on: "\(alias.name):\(group)",
                message: "Most reads of this key group find nothing: it costs a round trip each and saves little.",
                evidence: [
                    Evidence("hit ratio", .share(hitRatio)),
                    Evidence("reads", .count(counts.reads)),
                    Evidence("failed reads, not counted", .count(counts.errors)),
                    Evidence("counted since", ratio.since.map { .time($0) } ?? .missing),
                ],
                remedy: Remedy(
                    "Stop caching it, keep it longer, or make its keys less particular so that readers share them."
                ),
                confidence: .medium,
                weight: Double(counts.misses)
            )
        }
    }
}

extension CacheObservation {
    /// Unknown where no alias was read often enough to tell: a fresh cache is not a good one.
    static func silence(_ seen: CacheObservation, below minimumReads: Int) -> Verdict? {
        let ratios = seen.aliases.compactMap { seen.ratios[$0.name]?.value }
        guard !ratios.isEmpty, ratios.allSatisfy({ $0.total.reads < minimumReads }) else { return nil }
        return .unknown(
            reason: "No application has counted enough reads yet (\(minimumReads) are needed).",
            cure: "Read through Millwright's Cache, or add to the hash millwright:hits:<alias>."
        )
    }

    /// What the verdicts on counted reads rest on.
    static func window(_ seen: CacheObservation) -> [Evidence] {
        let ratios = seen.aliases.compactMap { seen.ratios[$0.name]?.value }
        return [
            Evidence("reads", .count(ratios.map(\.total.reads).reduce(0, +))),
            Evidence("counted since", ratios.compactMap(\.since).min().map { .time($0) } ?? .missing),
        ]
    }
}
