// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds keys that never expire under an alias whose values should.
///
/// - Needs: the right to run `SCAN` and `PTTL`.
/// - Cost: a bounded walk over the database, a few thousand keys a second, no key is read.
/// - Blind spot: past the bound the figures are projected from a sample.
/// - Silence: `caches.W002`.
struct ImmortalKeys: CacheCheck {
    static let name = "immortal-keys"
    static let title = "Keys that never expire"
    static let ids = ["caches.W002"]
    static let thresholds: [Threshold<Self>] = [
        .count(
            "minimumKeys",
            \.minimumKeys,
            "Fewer keys than this are left alone: counters and locks of the application."
        ),
        .share("maximumShare", \.maximumShare, "The share of the group's keys that may live for ever."),
    ]

    /// Fewer keys than this are left alone: counters and locks of the application.
    var minimumKeys = 20
    /// The share of the group's keys that may live for ever.
    var maximumShare = 0.01

    func verdict(on seen: CacheObservation) -> Verdict {
        let expiring = seen.aliases.filter { $0.timeout != nil }
        let findings = expiring.flatMap { alias in
            (seen.samples[alias.keySpace]?.value).map { self.findings(alias, $0) } ?? []
        }
        let visited = seen.keySpaces.compactMap { seen.samples[$0]?.value?.visited }.reduce(0, +)
        return CacheObservation.verdict(
            findings,
            over: expiring.compactMap { seen.samples[$0.keySpace] },
            evidence: [Evidence("keys seen", .count(visited))]
        )
    }

    private func findings(_ alias: CacheAlias, _ sample: KeySample) -> [Finding] {
        (sample.groups[alias.name] ?? [:]).sorted { $0.key < $1.key }.compactMap { group, seen in
            guard seen.immortal >= self.minimumKeys,
                Double(seen.immortal) > Double(seen.keys) * self.maximumShare
            else { return nil }
            return self.finding("\(alias.name):\(group)", seen, sample)
        }
    }

    private func finding(_ subject: String, _ group: KeySample.Group, _ sample: KeySample) -> Finding {
        let projected = Int((Double(group.immortal) * sample.scale).rounded())
        return Finding(
            "caches.W002",
            .warning,
            on: subject,
            message: "Keys of this group were stored without an expiry: they stay until somebody deletes them.",
            evidence: [
                Evidence("keys without expiry", .count(projected)),
                Evidence("of keys in the group", .share(Double(group.immortal) / Double(group.keys))),
                Evidence("keys seen", .count(sample.visited)),
                Evidence("keys in the database", .count(sample.keyCount)),
                Evidence("whole database seen", .flag(sample.isComplete)),
            ],
            remedy: Remedy(
                "Store them with a timeout (SET … PX). A MSET followed by EXPIRE leaves such keys behind after a crash."
            ),
            confidence: sample.isComplete ? .high : .medium,
            weight: Double(projected)
        )
    }
}
