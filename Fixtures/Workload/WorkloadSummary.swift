// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// What a workload did, and how quickly.
public struct WorkloadSummary: Sendable, Hashable {
    /// One kind of operation.
    public struct Kind: Sendable, Hashable {
        /// What it is called: `order_history`.
        public let name: String
        /// How often it was done.
        public let operations: Int
        /// How often the server refused it.
        public let failures: Int
        /// The seconds within which half of them were done; `nil` where none was.
        public let median: Double?
        /// The seconds within which 95 % of them were done; `nil` where none was.
        public let p95: Double?
    }

    /// The reads of one key group of a cache.
    public struct Reads: Sendable, Hashable {
        /// The cache's alias.
        public let alias: String
        /// The group.
        public let group: String
        /// Reads that found something.
        public let hits: Int
        /// Reads that found nothing.
        public let misses: Int
    }

    /// How long it ran, in seconds.
    public let seconds: Double
    /// What was asked of the database, and of the caches, by kind.
    public let kinds: [Kind]
    /// What the caches had.
    public let reads: [Reads]

    /// All operations together.
    public var operations: Int { self.kinds.map(\.operations).reduce(0, +) }
    /// How many operations were done a second.
    public var operationsPerSecond: Double { self.seconds > 0 ? Double(self.operations) / self.seconds : 0 }
}

extension WorkloadSummary {
    /// The summary as a section of a report.
    public var section: Section {
        Section(
            "workload",
            title: "Workload",
            facts: [
                Evidence("operations", .count(self.operations)), Evidence("duration", .seconds(self.seconds)),
                Evidence("rate", .perSecond(self.operationsPerSecond)),
                Evidence("failures", .count(self.kinds.map(\.failures).reduce(0, +))),
            ],
            tables: self.reads.isEmpty ? [self.operationTable] : [self.operationTable, self.readTable]
        )
    }

    private var operationTable: Table {
        Table(
            "operations",
            title: "Operations",
            columns: [
                Table.Column("kind", "Kind"), Table.Column("operations", "Operations"),
                Table.Column("rate", "Rate"), Table.Column("median", "p50"), Table.Column("p95", "p95"),
                Table.Column("failures", "Failures"),
            ],
            rows: self.kinds.map { kind in
                [
                    .text(kind.name), .count(kind.operations),
                    .perSecond(self.seconds > 0 ? Double(kind.operations) / self.seconds : 0),
                    kind.median.map { .seconds($0) } ?? .missing, kind.p95.map { .seconds($0) } ?? .missing,
                    .count(kind.failures),
                ]
            }
        )
    }

    private var readTable: Table {
        Table(
            "cache_reads",
            title: "Cache reads",
            columns: [
                Table.Column("alias", "Alias"), Table.Column("group", "Group"), Table.Column("hits", "Hits"),
                Table.Column("misses", "Misses"), Table.Column("hit_ratio", "Hit ratio"),
            ],
            rows: self.reads.map { read in
                let all = read.hits + read.misses
                return [
                    .text(read.alias), .text(read.group), .count(read.hits), .count(read.misses),
                    all == 0 ? .missing : .share(Double(read.hits) / Double(all)),
                ]
            }
        )
    }
}
