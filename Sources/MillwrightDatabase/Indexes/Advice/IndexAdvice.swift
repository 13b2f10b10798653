// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What the advisor found: a set of indexes, and what the workload costs with it.
public struct IndexAdvice: Sendable {
    /// A statement with its cost before and after.
    public struct QueryGain: Sendable, Hashable {
        /// What it is called: the server's query id, or a file and a line.
        public var name: String
        /// Its text in one line, cut.
        public var text: String
        /// The planner's cost as things are.
        public var before: Double
        /// The planner's cost with all advised indexes.
        public var after: Double
        /// The share of the workload that it is.
        public var share: Double
        /// What it costs before by a plan made without its values; `nil` where it has no placeholders or that was not asked.
        public var genericBefore: Double?
        /// The same with all advised indexes.
        public var genericAfter: Double?
    }

    /// A SELECT of the workload that measures indexes, with values in place of placeholders.
    struct MeasuredStatement: Sendable, Hashable {
        var text: String
        /// How often it runs, so that what it gains or loses counts as often.
        var calls = 1.0
    }

    /// One advised index.
    public struct Recommendation: Sendable, Hashable {
        /// What to make.
        public var definition: IndexDefinition
        /// A name that is free.
        public var name: String
        /// What it will take, in bytes.
        public var sizeBytes: Double
        /// The share of the workload's cost that the set would lose without it.
        public var savedShare: Double
        /// Bytes written because of it each second, at the rate at which rows came and changed so far.
        public var bytesWrittenPerSecond: Double
        /// Rows that its build reads.
        public var tableRows: Double
        /// The statements that use it and gain.
        public var queries: [QueryGain]
        /// Existing indexes that it makes needless.
        public var replaces: [String]
        /// How long its build may take, in seconds, while the application goes on.
        public var buildSeconds: Double
        /// The SELECTs by which it can be measured: those that use it first.
        var measured: [MeasuredStatement] = []
        /// Whether what it saves and takes is not known before it is built.
        var isGuessed = false
        /// Why it could not be weighed by being built in a transaction, where that was tried.
        var refusal: String?
        /// Of a partitioned table the partitions, each of which gets a member.
        var partitions: [IndexSituation.Table] = []

        /// The statements that make it while the application goes on, in order, each ended by a semicolon.
        ///
        /// PostgreSQL refuses CONCURRENTLY on a partitioned table: there the whole is made empty, and each partition's index
        /// is built and attached.
        public var commands: [String] {
            guard !self.partitions.isEmpty else { return ["\(self.definition.sql(name: self.name));"] }
            let whole = "\(quoted(self.definition.schema)).\(quoted(self.name))"
            let unique = self.definition.isUnique ? "UNIQUE " : ""
            let root = self.definition.qualifiedTable
            return ["CREATE \(unique)INDEX \(quoted(self.name)) ON ONLY \(root) \(self.definition.body);"]
                + self.partitions.flatMap { partition -> [String] in
                    let member = IndexPlan.memberName(of: self.name, on: partition)
                    let name = member.dropFirst(quoted(partition.schema).count + 1)
                    return [
                        "CREATE \(unique)INDEX CONCURRENTLY \(name) ON \(partition.qualified) \(self.definition.body);",
                        "ALTER INDEX \(whole) ATTACH PARTITION \(member);",
                    ]
                }
        }

        /// The statements that simulate it; none where that is not possible.
        var hypothetical: [String] {
            guard self.definition.method != "gin" else { return [] }
            return self.partitions.isEmpty
                ? [self.definition.sql(concurrently: false)]
                : self.partitions.map { self.definition.on($0).sql(concurrently: false) }
        }
    }

    /// What a set of a certain size leaves of the cost.
    public struct CurvePoint: Sendable, Hashable {
        /// The size of the set, in bytes.
        public var sizeBytes: Double
        /// The share of the cost that is left.
        public var costLeft: Double
        /// How many indexes it has.
        public var indexes: Int
    }

    /// What judged the costs.
    public enum Judge: String, Sendable, Hashable {
        /// The server's planner, by HypoPG.
        case planner
        /// Millwright's own estimate from the statistics.
        case estimate
    }

    /// Why there is no workload to advise for.
    var obstacle: Obstacle?
    /// The role that asked.
    var role = ""
    /// The set, what saves most first.
    public var recommendations: [Recommendation] = []
    /// Statements that nothing could be said about.
    public var unusable: [UnusableStatement] = []
    /// Statements of other roles whose text this role may not see.
    public var hiddenStatements = 0
    /// Statements that were judged by real values, which pg_qualstats kept.
    public var exemplified = 0
    /// Indexes that a statement asks for and HypoPG cannot simulate: to be built on a copy and measured there.
    public var untested: [Recommendation] = []
    /// How old the snapshot is from which on statements count, in seconds; `nil` where all counts.
    public var snapshotAge: Double?
    /// Statements that were judged.
    public var queries = 0
    /// Tables that they read.
    public var tables = 0
    /// The share of the workload's cost that is left with the set.
    public var costLeft = 1.0
    /// What is left with every candidate there, so that no set of them leaves less; `nil` where there are too many to ask.
    public var leastCostLeft: Double?
    /// What is proved: no set of the candidates within the budget leaves less; `nil` where there are too many to prove anything.
    public var provedCostLeft: Double?
    /// Whether the whole of the proof was done, so that the set is the best there is but for what is not worth an index.
    public var isProvedBest = false
    /// The best sets of other sizes.
    public var curve: [CurvePoint] = []
    /// What judged the costs.
    public var judge = Judge.planner
    /// Candidates that were weighed.
    public var candidates = 0
    /// Plans that the planner was asked for.
    public var plansAsked = 0
    /// Questions that were answered from memory.
    public var plansRemembered = 0
    /// What existing indexes take that a candidate serves as well, in bytes, by name.
    var replaceableBytes: [String: Double] = [:]
    /// Whether those go where the set comes, so that the budget counted them as room.
    public var replaces = false
    /// How long it took.
    public var elapsed = Duration.zero
    /// The storage budget, in bytes; infinite where there was none.
    public var budgetBytes = Double.infinity
    /// How the cost fell as time went on: seconds since the start, and the share left.
    public var history: [(seconds: Double, costLeft: Double)] = []

    /// The size of the set, in bytes.
    public var sizeBytes: Double { self.recommendations.reduce(0) { $0 + $1.sizeBytes } }

    /// What the existing indexes take that the set serves as well, in bytes.
    public var replacedBytes: Double {
        Set(self.recommendations.flatMap(\.replaces)).reduce(0) { $0 + (self.replaceableBytes[$1] ?? 0) }
    }
}
