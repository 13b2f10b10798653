// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How sessions live, and how long their stores are waited for.
public struct SessionConfiguration: Sendable {
    /// Where the keys of the copy live and how they are named; its name is that of the row of trust.
    public var alias: CacheAlias
    /// How long a session lives that is not used: 14 days.
    public var idleLifetime: Duration = .seconds(14 * 86_400)
    /// How long a session lives at most, however much it is used; for ever where `nil`.
    public var absoluteLifetime: Duration?
    /// How much of the idle lifetime must have passed before a use puts the end off: 60 s.
    ///
    /// Between two of these a read costs one round trip to Redis and nothing else.
    public var touchAfter: Duration = .seconds(60)
    /// How long a command may take before Redis is given up: 250 ms.
    ///
    /// It must be longer than ``lease``.
    public var redisTimeout: Duration = .milliseconds(250)
    /// How long a statement may take before PostgreSQL is given up: 1 s.
    public var databaseTimeout: Duration = .seconds(1)
    /// For how long a node relies on what it last read about the copy: 200 ms.
    ///
    /// Writes wait that long once when Redis fails.
    public var lease: Duration = .milliseconds(200)
    /// How long Redis must have answered without a break before it is used again: 1 s.
    public var quiet: Duration = .seconds(1)
    /// How many copies a node makes at most in a second, so that Redis and PostgreSQL are not stormed after an outage: 2,000.
    public var fillsPerSecond = 2_000
    /// Whether sessions are read from the copy while PostgreSQL is down.
    ///
    /// A node that PostgreSQL is cut off from cannot tell whether another one, cut off from Redis, has ended a session meanwhile.
    public var readsWithoutDatabase = true
    /// Who decides whether the copy is used, for all nodes, from when this one starts; `nil` leaves that as it is.
    ///
    /// It is the emergency switch for where nobody can run `session_failover force`; a later command overrides it.
    public var mode: SessionTrust.Mode?
    /// What payloads are encrypted with; stored as they are where `nil`.
    public var encryption: SessionEncryption?

    /// For how long after its commit a write tries to see to the copy: several times what its steps may take.
    var patience: Duration { self.databaseTimeout * 3 + self.redisTimeout * 2 + self.lease }

    /// Creates a configuration with the default times.
    public init(alias: CacheAlias) { self.alias = alias }

    /// What is wrong with it, or `nil`.
    public var fault: String? {
        if self.redisTimeout <= self.lease { return "The Redis timeout must be longer than the lease." }
        if self.touchAfter >= self.idleLifetime {
            return "Sessions must live longer than the time after which a use puts their end off."
        }
        return nil
    }
}
