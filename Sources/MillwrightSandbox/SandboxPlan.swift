// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Which private servers a sandbox should run, and how.
public struct SandboxPlan: Sendable, Hashable, Codable {
    /// Whether to run PostgreSQL.
    public var postgres = true
    /// Whether to run Redis.
    public var redis = true
    /// Whether to run a streaming standby of PostgreSQL.
    public var standby = false
    /// Whether to run PgBouncer in front of PostgreSQL, in transaction mode.
    public var pgbouncer = false
    /// How many replicas of Redis to run.
    public var redisReplicas = 0
    /// How many Sentinels watch Redis; three is the least that survives the loss of one.
    public var sentinels = 0
    /// What HAProxy is to be configured with, written for port 80 and the folder `/run/haproxy` of a machine of its own; `nil`
    /// (the default) runs none.
    ///
    /// It gets a free loopback port and a folder of its own instead.
    public var haproxy: String?
    /// What nginx is to be configured with: `upstream` and `server` blocks, written for port 80; `nil` runs none.
    public var nginx: String?
    /// The loopback port of PostgreSQL; 0 chooses a free one, `nil` (the default) listens on the Unix socket only.
    public var postgresPort: Int?
    /// The loopback port of Redis; 0 chooses a free one, `nil` (the default) listens on the Unix socket only.
    ///
    /// Replicas and Sentinels reach Redis over a port, so that one is chosen when they are asked for.
    public var redisPort: Int?
    /// Whether data must survive a power cut; tests say no and are faster (`fsync = off`).
    public var isDurable = true
    /// More PostgreSQL settings, for the primary and the standby: `["work_mem": "64MB"]`.
    public var postgresSettings: [String: String] = [:]
    /// More Redis directives: `["maxmemory": "64mb"]`.
    public var redisSettings: [String: String] = [:]
    /// More Sentinel directives; the master is called `main`: `["sentinel down-after-milliseconds main": "500"]`.
    public var sentinelSettings: [String: String] = [:]

    /// Creates a plan of one PostgreSQL and one Redis.
    public init() {}

    /// A plan of one PostgreSQL alone.
    public static var postgresOnly: Self {
        var plan = Self()
        plan.redis = false
        return plan
    }

    /// A plan of one Redis alone.
    public static var redisOnly: Self {
        var plan = Self()
        plan.postgres = false
        return plan
    }
}

extension SandboxPlan {
    /// The plan with what it implies: a standby needs a primary, a Sentinel needs a Redis with a port.
    var completed: Self {
        var plan = self
        plan.postgres = plan.postgres || plan.standby || plan.pgbouncer
        plan.redis = plan.redis || plan.redisReplicas > 0 || plan.sentinels > 0
        if plan.redisReplicas > 0 || plan.sentinels > 0 { plan.redisPort = plan.redisPort ?? 0 }
        return plan
    }

    /// The names of the servers, in the order in which they are started.
    var serverNames: [String] {
        let plan = self.completed
        let counts: [(ServerKind, Int)] = [
            (.postgres, plan.postgres ? 1 : 0),
            (.standby, plan.standby ? 1 : 0),
            (.pgbouncer, plan.pgbouncer ? 1 : 0),
            (.redis, plan.redis ? 1 : 0),
            (.redisReplica, plan.redisReplicas),
            (.sentinel, plan.sentinels),
            (.haproxy, plan.haproxy == nil ? 0 : 1),
            (.nginx, plan.nginx == nil ? 0 : 1),
        ]
        return counts.flatMap { $0.0.names(count: $0.1) }
    }
}
