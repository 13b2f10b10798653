// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightToolkit

/// Finds pools that together may want more connections than their server gives.
///
/// - Needs: the right to connect, and `server.instances` where more than one process runs.
/// - Cost: one statement on each database.
/// - Blind spot: programs that are not in the settings; a pooler in between, whose own limit is what counts.
/// - Silence: `health.E006:<alias>`.
struct PoolBudget: SystemCheck {
    static let name = "pool-budgets"
    static let title = "Connections for the pools"
    static let ids = ["health.E006"]
    static let tags: [CheckTag] = [.health, .database]
    static let isForDeploy = true

    /// One server as an alias sees it.
    struct Server: Sendable, Hashable {
        var alias: String
        /// What is the same for all aliases of one server: when it was started, to the microsecond.
        var identity: String
        /// How many connections it gives to those who are not superusers.
        var limit: Int
        /// How many the alias's pool may open.
        var pool: Int
    }

    func verdict(in context: SystemCheckContext) async -> Verdict {
        let settings = context.settings.settings
        var servers: [Server] = []
        for database in settings.databases.values.sorted(by: { $0.alias < $1.alias }) {
            do {
                servers.append(try await Self.look(at: database, context.toolkit))
            } catch {
                let trouble = CommandError.toolError(for: error, running: "check").scrubbed
                return .unknown(reason: "\(database.alias) does not answer: \(trouble.stopped)", cure: trouble.next)
            }
        }
        return Self.verdict(on: servers, instances: settings.server.instances)
    }

    private static func look(at database: DatabaseSettings, _ toolkit: Toolkit) async throws -> Server {
        let rows = try await toolkit.database(database.alias).query(
            """
            /* millwright:pool-budgets */
            SELECT pg_catalog.pg_postmaster_start_time()::text,
                pg_catalog.current_setting('max_connections')::int
                    - pg_catalog.current_setting('superuser_reserved_connections')::int
            """,
            as: (String, Int).self
        )
        let (identity, limit) = rows.first ?? ("", 0)
        return Server(alias: database.alias, identity: identity, limit: limit, pool: database.maximumConnections)
    }

    static func verdict(on servers: [Server], instances: Int) -> Verdict {
        let findings = Dictionary(grouping: servers, by: \.identity).values.compactMap { Self.finding($0, instances) }
        let wanted = servers.map(\.pool).reduce(0, +) * instances
        return .of(
            findings.sorted { $0.subject < $1.subject },
            evidence: [
                Evidence("databases", .count(servers.count)), Evidence("connections wanted at most", .count(wanted)),
            ]
        )
    }

    /// - Parameter pools: those of one server.
    private static func finding(_ pools: [Server], _ instances: Int) -> Finding? {
        let wanted = pools.map(\.pool).reduce(0, +) * instances
        guard let first = pools.first, wanted > first.limit else { return nil }
        let aliases = pools.map(\.alias).joined(separator: ", ")
        return Finding(
            "health.E006",
            .error,
            on: first.alias,
            message: "The pools of \(aliases) may want \(wanted) connections, and the server gives \(first.limit).",
            evidence: [
                Evidence("server.instances", .count(instances)),
                Evidence("max_connections less superuser_reserved_connections", .count(first.limit)),
            ],
            remedy: Remedy(
                "Lower databases.<alias>.max_connections to \(first.limit / max(1, instances * pools.count)), raise the "
                    + "server's max_connections, or put PgBouncer in between."
            )
        )
    }
}
