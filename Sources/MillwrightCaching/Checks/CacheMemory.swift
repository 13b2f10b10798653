// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds Redis servers that have no memory limit, are near it, or throw keys away to stay below it.
///
/// - Needs: the right to run `INFO`, or `CONFIG GET`.
/// - Cost: one `INFO` a server.
/// - Blind spot: `maxmemory` counts data, not the copy-on-write memory of a background save; the host can run out first.
/// - Silence: `caches.W004`.
struct CacheMemory: CacheCheck {
    static let name = "cache-memory"
    static let title = "Redis memory"
    static let ids = ["caches.W004"]
    static let thresholds: [Threshold<Self>] = [
        .share("maximumShare", \.maximumShare, "The share of `maxmemory` that may be in use.")
    ]

    /// The share of `maxmemory` that may be in use.
    var maximumShare = 0.9

    func verdict(on seen: CacheObservation) -> Verdict {
        let findings = seen.endpoints.compactMap { endpoint in
            seen.servers[endpoint]?.value.flatMap { self.finding(endpoint, $0, aliases: seen.names(on: endpoint)) }
        }
        let servers = seen.endpoints.compactMap { seen.servers[$0] }
        if findings.isEmpty, servers.contains(where: { $0.value.map { $0.maximumBytes == nil } ?? false }) {
            return .unknown(
                reason: "The server does not tell its maxmemory.",
                cure: "ACL SETUSER <user> +config|get"
            )
        }
        return CacheObservation.verdict(
            findings,
            over: servers,
            evidence: [Evidence("servers", .count(seen.endpoints.count))]
        )
    }

    private func finding(_ endpoint: String, _ facts: ServerFacts, aliases: String) -> Finding? {
        guard let maximum = facts.maximumBytes else { return nil }
        let evidence = [
            Evidence("aliases", .text(aliases)),
            Evidence("used_memory", .bytes(facts.usedBytes)),
            Evidence("maxmemory", maximum == 0 ? .text("no limit") : .bytes(maximum)),
            Evidence("maxmemory-policy", facts.evictionPolicy.map { .text($0) } ?? .missing),
            Evidence("evicted_keys", .count(facts.evictedKeys)),
            Evidence("uptime", .seconds(Double(facts.uptimeSeconds))),
        ]
        guard let problem = self.problem(facts, maximum: maximum) else { return nil }
        return Finding(
            "caches.W004",
            problem.severity,
            on: endpoint,
            message: problem.message,
            evidence: evidence,
            remedy: problem.remedy,
            weight: Double(facts.usedBytes)
        )
    }

    private typealias Problem = (severity: Severity, message: String, remedy: Remedy)

    private func problem(_ facts: ServerFacts, maximum: Int) -> Problem? {
        if maximum == 0 {
            return (
                .warning,
                "Redis has no memory limit: it grows until the kernel kills it or its neighbour.",
                Remedy(
                    "Set a limit that leaves room for a background save, and a policy that fits the data.",
                    commands: ["CONFIG SET maxmemory \(Self.suggestion(facts.usedBytes))", "CONFIG REWRITE"]
                )
            )
        }
        if let share = facts.memoryShare, share >= self.maximumShare {
            let full = facts.evictionPolicy == "noeviction"
            return (
                full ? .error : .warning,
                full
                    ? "Redis is nearly full and does not evict: soon every write fails with OOM."
                    : "Redis is nearly full.",
                Remedy("Raise maxmemory, shorten timeouts, or give the biggest key groups a server of their own.")
            )
        }
        if facts.evictedKeys > 0 {
            return (
                .warning,
                "Redis threw keys away to make room since it was started: values left before their time.",
                Remedy("Raise maxmemory or shorten the timeouts of what is seldom read.")
            )
        }
        return nil
    }

    /// Twice what is used now, in whole powers of two, at least 64 MB: a start, not a truth.
    private static func suggestion(_ usedBytes: Int) -> String {
        var megabytes = 64
        while megabytes < usedBytes / 1_000_000 * 2 { megabytes *= 2 }
        return "\(megabytes)mb"
    }
}
