// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightRedis

/// All that was seen of the caches: what the checks judge.
///
/// It is plain data, so a test can write one down.
public struct CacheObservation: Sendable {
    /// The aliases, in the settings' order.
    public var aliases: [CacheAlias]
    /// By endpoint: what its server says about itself.
    public var servers: [String: Seen<ServerFacts>]
    /// By key space (`endpoint/database`): what a walk over its keys saw.
    public var samples: [String: Seen<KeySample>]
    /// By alias name: reads counted by the applications.
    public var ratios: [String: Seen<HitRatio>]
    /// By endpoint: why its server could not be asked at all; absent where it could.
    public var outages: [String: RedisError] = [:]
    /// By endpoint: what the Sentinels said, where they name its server.
    public var primaries: [String: RedisSentinelStatus] = [:]

    /// Creates an observation.
    public init(
        aliases: [CacheAlias],
        servers: [String: Seen<ServerFacts>] = [:],
        samples: [String: Seen<KeySample>] = [:],
        ratios: [String: Seen<HitRatio>] = [:]
    ) {
        self.aliases = aliases
        self.servers = servers
        self.samples = samples
        self.ratios = ratios
    }

    /// The endpoints, each once, in the aliases' order.
    public var endpoints: [String] {
        self.aliases.map(\.endpoint).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The key spaces, each once, in the aliases' order.
    public var keySpaces: [String] {
        self.aliases.map(\.keySpace).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Why nothing could be seen at all: the first outage, where no server answered; `nil` where one did.
    public var totalOutage: RedisError? {
        let outages = self.endpoints.map { self.outages[$0] }
        return outages.contains { $0 == nil } ? nil : outages.first ?? nil
    }

    /// The server behind an endpoint as people read it: its address, or the primary that the Sentinels name.
    func server(at endpoint: String) -> String {
        guard let status = self.primaries[endpoint] else { return endpoint }
        return "\(status.primary.map { "\($0)" } ?? "no primary") (\(status.primaryName), named by Sentinel)"
    }

    /// The names of the aliases on an endpoint, as people list them.
    func names(on endpoint: String) -> String {
        self.aliases.filter { $0.endpoint == endpoint }.map(\.name).joined(separator: ", ")
    }
}

extension CacheObservation {
    /// Why some of the parts could not be seen: the first reason, said once; `nil` where all were seen.
    static func blindness<Value>(of parts: [Seen<Value>]) -> Verdict? {
        for case .unknown(let reason, let cure) in parts { return .unknown(reason: reason, cure: cure) }
        return nil
    }

    /// The verdict of a check that looks at several parts: findings where there are any, otherwise unknown where a part
    /// could not be seen, otherwise ok.
    static func verdict<Value>(_ findings: [Finding], over parts: [Seen<Value>], evidence: [Evidence]) -> Verdict {
        if findings.isEmpty, let blind = Self.blindness(of: parts) { return blind }
        return .of(findings, evidence: evidence)
    }
}
