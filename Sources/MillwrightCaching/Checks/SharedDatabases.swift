// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds aliases whose keys can be taken for one another, and databases that also hold somebody else's keys.
///
/// - Needs: the right to run `SCAN`.
/// - Cost: a bounded walk over the database.
/// - Blind spot: past the bound keys of others can be missed.
/// - Silence: `caches.W006`, `caches.I002`.
struct SharedDatabases: CacheCheck {
    static let name = "shared-databases"
    static let title = "Shared databases"
    static let ids = ["caches.W006", "caches.I002"]
    static let thresholds: [Threshold<Self>] = []

    func verdict(on seen: CacheObservation) -> Verdict {
        let findings = self.overlaps(seen.aliases) + seen.keySpaces.compactMap { self.foreign($0, seen) }
        return CacheObservation.verdict(
            findings,
            over: Array(seen.samples.values),
            evidence: [Evidence("key spaces", .count(seen.keySpaces.count))]
        )
    }

    private func overlaps(_ aliases: [CacheAlias]) -> [Finding] {
        aliases.indices.flatMap { one in
            aliases.indices.dropFirst(one + 1).compactMap { other in self.overlap(aliases[one], aliases[other]) }
        }
    }

    private func overlap(_ one: CacheAlias, _ other: CacheAlias) -> Finding? {
        let (first, second) = (KeyLayout(one).scope, KeyLayout(other).scope)
        guard one.keySpace == other.keySpace, first.hasPrefix(second) || second.hasPrefix(first) else { return nil }
        return Finding(
            "caches.W006",
            .warning,
            on: "\(one.name), \(other.name)",
            message: "Two aliases use the same database and overlapping prefixes: clearing one clears the other.",
            evidence: [
                Evidence("database", .text(one.keySpace)),
                Evidence("scope of \(one.name)", .text(first)),
                Evidence("scope of \(other.name)", .text(second)),
            ],
            remedy: Remedy("Give each alias a database number or a key_prefix of its own in the settings.")
        )
    }

    private func foreign(_ keySpace: String, _ seen: CacheObservation) -> Finding? {
        guard let sample = seen.samples[keySpace]?.value, sample.foreign > 0 else { return nil }
        let names = seen.aliases.filter { $0.keySpace == keySpace }.map(\.name).joined(separator: ", ")
        return Finding(
            "caches.I002",
            .info,
            on: keySpace,
            message: "The database also holds keys that belong to no alias: FLUSHDB would take them along.",
            evidence: [
                Evidence("aliases", .text(names)),
                Evidence("keys of others", .count(Int((Double(sample.foreign) * sample.scale).rounded()))),
                Evidence("keys seen", .count(sample.visited)),
                Evidence("whole database seen", .flag(sample.isComplete)),
            ],
            remedy: Remedy("Clear by prefix or by raising the version, never by FLUSHDB."),
            confidence: sample.isComplete ? .high : .medium
        )
    }
}
