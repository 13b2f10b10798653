// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one client of a workload has counted so far; the clients' tallies are added up at the end.
struct Tally: Sendable {
    /// A cache's alias and one of its key groups.
    struct Group: Sendable, Hashable, Comparable {
        let alias: String
        let name: String

        static func < (one: Self, other: Self) -> Bool { (one.alias, one.name) < (other.alias, other.name) }
    }

    /// How long each kind of operation took.
    private(set) var times: [String: LatencyHistogram] = [:]
    /// How often each kind failed.
    private(set) var failures: [String: Int] = [:]
    /// What the caches had.
    private(set) var reads: [Group: (hits: Int, misses: Int)] = [:]

    /// Counts an operation that was done.
    mutating func done(_ kind: String, in time: Duration) { self.times[kind, default: LatencyHistogram()].record(time) }

    /// Counts an operation that was refused.
    mutating func failed(_ kind: String) { self.failures[kind, default: 0] += 1 }

    /// Counts a read.
    mutating func read(_ group: Group, isHit: Bool) {
        if isHit {
            self.reads[group, default: (0, 0)].hits += 1
        } else {
            self.reads[group, default: (0, 0)].misses += 1
        }
    }

    /// Takes in another client's counts.
    mutating func add(_ other: Self) {
        self.times.merge(other.times) { one, other in
            var sum = one
            sum.add(other)
            return sum
        }
        self.failures.merge(other.failures, uniquingKeysWith: +)
        self.reads.merge(other.reads) { ($0.hits + $1.hits, $0.misses + $1.misses) }
    }

    /// The summary, kinds in the given order.
    func summary(of kinds: [String], seconds: Double) -> WorkloadSummary {
        WorkloadSummary(
            seconds: seconds,
            kinds: kinds.filter { self.times[$0] != nil || self.failures[$0] != nil }.map { kind in
                let times = self.times[kind] ?? LatencyHistogram()
                return WorkloadSummary.Kind(
                    name: kind,
                    operations: times.count,
                    failures: self.failures[kind] ?? 0,
                    median: times.seconds(within: 0.5),
                    p95: times.seconds(within: 0.95)
                )
            },
            reads: self.reads.sorted { $0.key < $1.key }.map { group, counts in
                WorkloadSummary.Reads(
                    alias: group.alias,
                    group: group.name,
                    hits: counts.hits,
                    misses: counts.misses
                )
            }
        )
    }
}
