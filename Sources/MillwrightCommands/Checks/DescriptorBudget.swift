// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore
import MillwrightToolkit

/// Finds a process that may open more connections than it may hold file descriptors: the server's clients, every pool, and what
/// the drivers and health checks keep beside them.
///
/// - Needs: to be run with the limit of the server (`ulimit -n`, `LimitNOFILE=`).
/// - Cost: none; only the settings and the limit of this process are read.
/// - Blind spot: files and connections that the host opens itself; a server that is started with another limit.
/// - Silence: `health.W008`.
struct DescriptorBudget: SystemCheck {
    static let name = "descriptor-budgets"
    static let title = "File descriptors"
    static let ids = ["health.W008"]
    static let tags: [CheckTag] = [.health]
    static let isForDeploy = true

    /// The streams, the event loops and what the runtime opens.
    private static let ownDescriptors = 32

    func verdict(in context: SystemCheckContext) async -> Verdict {
        Self.verdict(on: context.settings.settings, limit: Self.limit)
    }

    /// How many descriptors this process may have; `nil` where the system does not say.
    private static var limit: Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Int(clamping: limit.rlim_cur)
    }

    static func verdict(on settings: Settings, limit: Int?) -> Verdict {
        guard let limit else {
            return .unknown(reason: "The system does not say how many files may be open.", cure: "See `ulimit -n`.")
        }
        let clients = settings.server.maximumConnections
        // Beside its pool, a database has a connection for health checks, and one to PgBouncer's console.
        let databases = settings.databases.values.map { $0.maximumConnections + ($0.pgBouncer == nil ? 1 : 2) }
        // A cache has the connection that plain commands share, and two to each Sentinel: one asks, one listens.
        let caches = settings.caches.values.map { $0.maximumConnections + 1 + 2 * $0.sentinels.count }
        let (inDatabases, inCaches) = (databases.reduce(0, +), caches.reduce(0, +))
        let wanted = clients + inDatabases + inCaches + Self.ownDescriptors
        let evidence = [
            Evidence("open files at most", .count(limit)), Evidence("wanted at most", .count(wanted)),
            Evidence("server.max_connections", .count(clients)), Evidence("databases", .count(inDatabases)),
            Evidence("caches", .count(inCaches)),
        ]
        guard wanted > limit else { return .ok(evidence) }
        let finding = Finding(
            "health.W008",
            .warning,
            on: "server.max_connections",
            message:
                "The server may want \(wanted) file descriptors, and it has \(limit): it could accept nobody and open nothing.",
            evidence: evidence,
            remedy: Remedy(
                "Raise the limit (`LimitNOFILE=` in a systemd unit, `ulimit -n`), or lower server.max_connections or the pools'."
            )
        )
        return .of([finding], evidence: evidence)
    }
}
