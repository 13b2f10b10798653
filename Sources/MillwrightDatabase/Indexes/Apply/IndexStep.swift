// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One step of a change to indexes, as data: what runs, what it locks, whom it waits for, and how it is taken back.
public struct IndexStep: Sendable, Hashable {
    /// What a step does.
    public enum Kind: String, Sendable, Hashable {
        /// Drops what an earlier build left behind.
        case dropRemnant = "drop remnant"
        /// Builds an index while everybody goes on writing.
        case build
        /// Makes the index of a partitioned table, which holds nothing until its members are attached.
        case root
        /// Makes a partition's index a member of the whole.
        case attach
        /// Gathers the statistics of an expression.
        case analyze
        /// Keeps the statistics of an expression whose index is about to go.
        case statistics
        /// Drops an index.
        case drop
        /// Drops the index of a partitioned table, with its members.
        case dropRoot = "drop with members"
    }

    /// What it does.
    public var kind: Kind
    /// The index, or for ``Kind/analyze`` the table; quoted and qualified.
    public var subject: String
    /// The table, quoted and qualified.
    public var table: String
    /// What runs, as it can be pasted into psql.
    public var statement: String
    /// What takes it back; `nil` where there is nothing to take back.
    public var undo: String?

    /// The locks it takes.
    public var lock: String {
        switch self.kind {
        case .build, .dropRemnant, .drop:
            "SHARE UPDATE EXCLUSIVE on \(self.table): reads and writes go on; VACUUM and changes of the table wait"
        case .root: "SHARE on \(self.table): writes wait for a moment"
        case .attach: "ACCESS EXCLUSIVE on the index alone, for a moment"
        case .analyze, .statistics: "SHARE UPDATE EXCLUSIVE on \(self.table): reads and writes go on"
        case .dropRoot: "ACCESS EXCLUSIVE on \(self.table) and its partitions, for a moment"
        }
    }

    /// Whom it waits for.
    public var waitsFor: String {
        switch self.kind {
        case .build: "transactions that write \(self.table), then every older snapshot in this database"
        case .dropRemnant, .drop: "every transaction that uses \(self.table)"
        case .root, .attach, .analyze, .statistics, .dropRoot: "nobody longer than a second; it is tried again"
        }
    }

    /// What shows that it worked.
    public var verification: String {
        switch self.kind {
        case .build: "pg_index.indisvalid is true, and the definition is the one asked for"
        case .root: "the index is there; it becomes valid with its last member"
        case .attach: "pg_inherits names the index as a member"
        case .drop, .dropRoot, .dropRemnant: "the name is gone from pg_class"
        case .analyze, .statistics: "the statement succeeds"
        }
    }

    /// Whether a run that was killed in it leaves something to clean up.
    var leavesRemnant: Bool { self.kind == .build || self.kind == .drop }
}

/// What shall be done to indexes, step by step.
public struct IndexPlan: Sendable, Hashable {
    /// The index that it is about, quoted and qualified.
    public var subject: String
    /// The steps, in order; empty where nothing has to be done.
    public var steps: [IndexStep]
    /// Why there is nothing to do.
    public var note: String?

    /// The statements, as a script for psql.
    public var script: String { self.steps.map { "\($0.statement);" }.joined(separator: "\n") }
}
