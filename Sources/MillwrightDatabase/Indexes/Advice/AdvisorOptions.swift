// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What advice may cost, and how long looking for it may take.
public struct AdvisorOptions: Sendable, Hashable {
    /// How much storage the set may take.
    public enum StorageBudget: Sendable, Hashable {
        /// So many bytes.
        case bytes(Double)
        /// A share of the database's size.
        case share(Double)
    }

    /// How much storage all indexes of the set may take.
    public var storage: StorageBudget
    /// How many indexes the set may have.
    public var maximumIndexes: Int
    /// How many bytes may be written because of the set each second; `nil` sets no limit.
    public var bytesWrittenPerSecond: Double?
    /// How long building the set may take, as it is expected; `nil` sets no limit.
    public var buildTime: Duration?
    /// Whether indexes that exist go where one of the set serves as well, so that what they take is room for the set.
    public var replaces: Bool
    /// How long one index that HypoPG cannot simulate may be built to be weighed; `nil` builds none.
    ///
    /// It is built in a transaction that is rolled back; those who write to its table wait meanwhile.
    public var rehearsal: Duration?
    /// How long to look for it.
    public var timeout: Duration
    /// How many connections ask the planner at the same time.
    public var connections: Int

    /// Creates options.
    public init(
        storage: StorageBudget = .share(0.1),
        maximumIndexes: Int = 50,
        bytesWrittenPerSecond: Double? = nil,
        buildTime: Duration? = nil,
        replaces: Bool = false,
        rehearsal: Duration? = nil,
        timeout: Duration = .seconds(60),
        connections: Int = 2
    ) {
        self.storage = storage
        self.maximumIndexes = maximumIndexes
        self.bytesWrittenPerSecond = bytesWrittenPerSecond
        self.buildTime = buildTime
        self.replaces = replaces
        self.rehearsal = rehearsal
        self.timeout = timeout
        self.connections = connections
    }
}
