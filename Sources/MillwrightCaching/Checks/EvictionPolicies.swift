// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds servers that may throw away sessions to make room for something else.
///
/// - Needs: the right to run `INFO`, or `CONFIG GET`.
/// - Cost: one `INFO` a server.
/// - Blind spot: where sessions are also kept in PostgreSQL an eviction costs a query, not a login.
/// - Silence: `caches.W003`.
struct EvictionPolicies: CacheCheck {
    static let name = "eviction-policies"
    static let title = "Eviction of sessions"
    static let ids = ["caches.W003"]
    static let thresholds: [Threshold<Self>] = []

    func verdict(on seen: CacheObservation) -> Verdict {
        let aliases = seen.aliases.filter(\.holdsSessions)
        let servers = aliases.compactMap { seen.servers[$0.endpoint] }
        let findings = aliases.compactMap { alias in
            seen.servers[alias.endpoint]?.value.flatMap { self.finding(alias, $0, neighbours: seen) }
        }
        if findings.isEmpty, servers.contains(where: { $0.value.map { $0.evictionPolicy == nil } ?? false }) {
            return .unknown(
                reason: "The server does not tell its maxmemory-policy.",
                cure: "ACL SETUSER <user> +config|get"
            )
        }
        return CacheObservation.verdict(
            findings,
            over: servers,
            evidence: [Evidence("session aliases", .count(aliases.count))]
        )
    }

    private func finding(_ alias: CacheAlias, _ facts: ServerFacts, neighbours seen: CacheObservation) -> Finding? {
        guard let policy = facts.evictionPolicy, policy.hasPrefix("allkeys-"), facts.maximumBytes != 0 else {
            return nil
        }
        return Finding(
            "caches.W003",
            .warning,
            on: alias.name,
            message: "The server of this alias evicts any key when it is full: people are logged out at random.",
            evidence: [
                Evidence("maxmemory-policy", .text(policy)),
                Evidence("maxmemory", facts.maximumBytes.map { .bytes($0) } ?? .missing),
                Evidence("aliases on this server", .text(seen.names(on: alias.endpoint))),
                Evidence("evicted_keys", .count(facts.evictedKeys)),
            ],
            remedy: Remedy(
                "Give sessions a server of their own with noeviction, or let only keys with an expiry go, soonest first.",
                commands: ["CONFIG SET maxmemory-policy volatile-ttl", "CONFIG REWRITE"]
            )
        )
    }
}
