// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// How a node stands.
public struct SessionStanding: Sendable, Hashable {
    /// The row of trust as this node last saw it; `nil` before the first time.
    public var trust: SessionTrust?
    /// Whether reads begin in the copy.
    public var usesCopy: Bool
    /// Whether it has a connection to a Redis that says it is the primary.
    public var reachesRedis: Bool
    /// Whether PostgreSQL answered when last asked.
    public var reachesDatabase: Bool
    /// What it has counted.
    public var figures: SessionFigures

    /// Creates a standing.
    public init(
        trust: SessionTrust?,
        usesCopy: Bool,
        reachesRedis: Bool,
        reachesDatabase: Bool,
        figures: SessionFigures
    ) {
        self.trust = trust
        self.usesCopy = usesCopy
        self.reachesRedis = reachesRedis
        self.reachesDatabase = reachesDatabase
        self.figures = figures
    }
}

extension SessionStore {
    /// How the node stands.
    public var standing: SessionStanding {
        let now = self.now
        return self.state.withLock { state in
            SessionStanding(
                trust: state.node.trust,
                usesCopy: state.node.readStart(at: now) != .database,
                reachesRedis: state.node.link != nil,
                reachesDatabase: !state.isDatabaseDown && state.node.trust != nil,
                figures: state.figures
            )
        }
    }
}
