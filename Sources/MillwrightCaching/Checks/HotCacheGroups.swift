// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds key groups that take most of an alias's reads and nearly always have the answer: worth a copy in the process.
///
/// - Needs: an application that counts its reads (`Cache` does).
/// - Cost: one `HGETALL` an alias.
/// - Blind spot: a group is hot as a whole; whether few keys or many carry it is not counted.
/// - Silence: `caches.I001`.
struct HotCacheGroups: CacheCheck {
    static let name = "hot-cache-groups"
    static let title = "Hot key groups"
    static let ids = ["caches.I001"]
    static let thresholds: [Threshold<Self>] = [
        .share("minimumShare", \.minimumShare, "The share of the alias's reads from which a group is hot."),
        .share(
            "minimumHitRatio",
            \.minimumHitRatio,
            "The hit ratio from which a copy in the process would spare most of the round trips."
        ),
        .count("minimumReads", \.minimumReads, "Fewer reads than this say nothing."),
    ]

    /// The share of the alias's reads from which a group is hot.
    var minimumShare = 0.5
    /// The hit ratio from which a copy in the process would spare most of the round trips.
    var minimumHitRatio = 0.75
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

    // An alias with one group has no hot one: the group is the alias. Sessions must not be copied into a process, where
    // a log-out would not reach them.
    private func findings(_ alias: CacheAlias, _ ratio: HitRatio) -> [Finding] {
        let total = ratio.total.reads
        guard ratio.groups.count > 1, total > 0, !alias.holdsSessions else { return [] }
        return ratio.groups.sorted { $0.key < $1.key }.compactMap { group, counts in
            let share = Double(counts.reads) / Double(total)
            guard counts.reads >= self.minimumReads, share >= self.minimumShare,
                let hitRatio = counts.hitRatio, hitRatio >= self.minimumHitRatio
            else { return nil }
            return self.finding("\(alias.name):\(group)", counts, share: share, hitRatio: hitRatio, since: ratio.since)
        }
    }

    private func finding(
        _ subject: String,
        _ counts: ReadCounts,
        share: Double,
        hitRatio: Double,
        since: Double?
    ) -> Finding {
        Finding(
            "caches.I001",
            .info,
            on: subject,
            message: "This key group takes most of the alias's reads and nearly always hits.",
            evidence: [
                Evidence("share of the alias's reads", .share(share)),
                Evidence("hit ratio", .share(hitRatio)),
                Evidence("reads", .count(counts.reads)),
                Evidence("counted since", since.map { .time($0) } ?? .missing),
            ],
            remedy: Remedy("A copy in the process for a few seconds would spare Redis most of these round trips."),
            confidence: .medium,
            weight: Double(counts.hits)
        )
    }
}
