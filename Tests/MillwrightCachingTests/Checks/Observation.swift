// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

@testable import MillwrightCaching

/// Two aliases on one server: what the tests of the checks start from.
func observation(
    server: Seen<ServerFacts> = .value(.calm),
    ratios: [String: Seen<HitRatio>] = [:],
    samples: [String: Seen<KeySample>] = [:]
) -> CacheObservation {
    CacheObservation(
        aliases: [
            CacheAlias("default", endpoint: "h:6379", database: 1, keyPrefix: "erp"),
            CacheAlias("sessions", endpoint: "h:6379", database: 2, keyPrefix: "ses", timeout: .seconds(86_400)),
        ],
        servers: ["h:6379": server],
        samples: samples,
        ratios: ratios
    )
}

extension ServerFacts {
    /// A server that no check objects to.
    static var calm: ServerFacts {
        ServerFacts(info: [
            "redis_version": "7.0.15", "role": "master", "uptime_in_seconds": "3600", "used_memory": "10000000",
            "maxmemory": "100000000", "maxmemory_policy": "volatile-lru", "evicted_keys": "0",
        ])
    }

    /// The same with changes.
    static func calm(_ change: (inout ServerFacts) -> Void) -> Seen<ServerFacts> {
        var facts = Self.calm
        change(&facts)
        return .value(facts)
    }
}

/// One alias's counts.
func counted(_ groups: [String: ReadCounts]) -> [String: Seen<HitRatio>] {
    ["default": .value(HitRatio(groups: groups, since: 1_700_000_000))]
}
