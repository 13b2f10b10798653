// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres

/// Where a scratch copy is made, how big it may get, and what makes it.
public struct ScratchOptions: Sendable {
    /// The server on which the copy is made, by any database of it that the role may connect to; the one that is copied where `nil`.
    public var server: PostgresConfiguration?
    /// How much the tables that are copied may take with their indexes, in bytes: 10 GB.
    public var maximumBytes = 10 * 1_073_741_824
    /// What makes the journal in the copy, in which each step is written down: the scripts of `manage migrate`.
    public var journal: [String]
    /// The program that writes the definitions; the one on the path where `nil`.
    public var program: String?

    /// Creates options.
    public init(journal: [String]) { self.journal = journal }
}

/// What was copied, and where to.
public struct ScratchFacts: Sendable, Hashable {
    /// The tables that were copied.
    public var tables: Int
    /// What they take where they are, with their indexes, in bytes.
    public var bytes: Int
    /// How long copying took, in seconds.
    public var seconds: Double
}
