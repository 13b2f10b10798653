// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres

extension Toolkit {
    /// Looks at a database and at every cache of the settings, both at once, and changes nothing.
    ///
    /// A server that cannot be reached costs its sections, not the report.
    ///
    /// - Parameter now: when the report is made, in seconds since 1970.
    /// - Throws: `ToolError` where the settings name no such database, or a threshold no check has; `CancellationError`.
    public func tune(database alias: String = "default", at now: Double) async throws -> Tuning {
        let client = try self.database(alias)
        let checkup = Checkup(checks: try self.databaseChecks())
        let cacheChecks = try self.cacheChecks()
        async let database = self.look(at: client, with: checkup)
        async let caches = self.lookAtCaches(with: cacheChecks)
        let tuning = Tuning(database: await database, caches: try await caches, at: now)
        // What was cut short is no outage.
        try Task.checkCancellation()
        return tuning
    }

    private func look(at client: PostgresClient, with checkup: Checkup) async -> Tuning.Looked {
        do {
            return Tuning.Looked(try await checkup.sections(on: client))
        } catch {
            return Tuning.Looked(unreachable: "PostgreSQL", key: "database", title: "Database", error: error)
        }
    }

    /// `nil` where the settings name no cache.
    private func lookAtCaches(with checks: [any CacheCheck]) async throws -> Tuning.Looked? {
        guard !self.settings.caches.isEmpty else { return nil }
        let seen = try await self.observeCaches()
        var looked = Tuning.Looked([seen.section(checks: checks)])
        if !seen.outages.isEmpty {
            looked.unreachable = "Redis at \(seen.outages.keys.sorted().joined(separator: ", "))"
        }
        return looked
    }
}
