// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds aliases whose reads fail too often.
///
/// - Needs: an application that counts its reads (`Cache` does).
/// - Cost: one `HGETALL` an alias.
/// - Blind spot: counts say how often reads failed since counting began, not when.
/// - Silence: `caches.W005`.
struct CacheErrors: CacheCheck {
    static let name = "cache-errors"
    static let title = "Failing cache reads"
    static let ids = ["caches.W005"]
    static let thresholds: [Threshold<Self>] = [
        .share("maximumErrorShare", \.maximumErrorShare, "The share of reads that may fail."),
        .count(
            "minimumErrors",
            \.minimumErrors,
            "Fewer failures than this are left alone: one restart of the server is no pattern."
        ),
    ]

    /// The share of reads that may fail.
    var maximumErrorShare = 0.01
    /// Fewer failures than this are left alone: one restart of the server is no pattern.
    var minimumErrors = 20

    func verdict(on seen: CacheObservation) -> Verdict {
        let findings = seen.aliases.compactMap { alias in
            seen.ratios[alias.name]?.value.flatMap { self.finding(alias, $0.total, since: $0.since) }
        }
        return CacheObservation.verdict(
            findings,
            over: Array(seen.ratios.values),
            evidence: [Evidence("aliases", .count(seen.aliases.count))]
        )
    }

    private func finding(_ alias: CacheAlias, _ counts: ReadCounts, since: Double?) -> Finding? {
        guard counts.errors >= self.minimumErrors, let share = counts.errorRatio, share > self.maximumErrorShare else {
            return nil
        }
        return Finding(
            "caches.W005",
            .warning,
            on: alias.name,
            message:
                "Reads of the cache fail; each one costs its timeout and then the work that the cache should save.",
            evidence: [
                Evidence("failed reads", .count(counts.errors)),
                Evidence("share of reads", .share(share)),
                Evidence("counted since", since.map { .time($0) } ?? .missing),
            ],
            remedy: Remedy(
                "Look whether the server was down, slow or full, and whether the client's command timeout fits it.",
                commands: ["manage cache_stats --cache \(alias.name)"]
            ),
            weight: share
        )
    }
}
