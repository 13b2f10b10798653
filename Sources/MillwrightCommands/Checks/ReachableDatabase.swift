// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightToolkit

/// Finds a database that does not answer.
///
/// - Needs: the right to connect.
/// - Cost: one connection and one statement that reads no table.
/// - Blind spot: whether the connections the host has open still work.
/// - Silence: `database.E001:<alias>`.
struct ReachableDatabase: SystemCheck {
    static let name = "reachable-database"
    static let title = "Database"
    static let ids = ["database.E001"]
    static let tags: [CheckTag] = [.database]

    func verdict(in context: SystemCheckContext) async -> Verdict {
        do {
            let rows = try await context.toolkit.database(context.database)
                .query("/* millwright:reachable-database */ SELECT pg_catalog.current_setting('server_version')")
            let version: String = try rows.first?.get(0, as: String.self) ?? ""
            return .ok([Evidence("server_version", .text(version))])
        } catch {
            let trouble = CommandError.toolError(for: error, running: "check").scrubbed
            let finding = Finding(
                "database.E001",
                .error,
                on: Redaction.scrubbed(context.database),
                message: "The database does not answer: \(trouble.stopped)",
                remedy: Remedy(trouble.next)
            )
            return .findings([finding])
        }
    }
}
