// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
public import MillwrightCore
public import MillwrightDatabase
import MillwrightPostgres

extension Toolkit {
    /// Looks at a database of some concerns, with the thresholds of the settings, and changes nothing.
    ///
    /// - Parameter nodes: aliases of other nodes of the same cluster, whose index scans count as well.
    /// - Throws: `ToolError` where the settings name no such database, or a threshold no check has; what stops a single check
    ///   is its verdict.
    public func databaseSections(
        of concerns: [Concern] = Concern.allCases,
        database alias: String = "default",
        nodes: [String] = []
    ) async throws -> [Section] {
        var checkup = Checkup(checks: try self.databaseChecks())
        let client = try self.database(alias)
        if !nodes.isEmpty {
            let cluster = try await client.withConnection { try await NodeCounters.cluster(of: $0) }
            for node in nodes {
                let counters = try await self.database(node).withConnection {
                    try await NodeCounters.read(node, of: cluster, from: $0)
                }
                checkup.otherNodes.append(counters)
            }
        }
        return try await checkup.sections(of: concerns, on: client)
    }

    /// The database's checks, with the thresholds of the settings.
    func databaseChecks() throws(ToolError) -> [any DatabaseCheck] {
        do {
            let others = CacheChecks.all.map { type(of: $0).name }
            return try Checks.all(with: self.settings.checks, others: Set(others))
        } catch {
            throw .wrongThreshold(error)
        }
    }
}

extension ToolError {
    /// A check or threshold that does not exist, or a value that cannot be one.
    static func wrongThreshold(_ error: ThresholdError) -> ToolError {
        ToolError(
            .settings,
            tried: "Tried to set the thresholds of the checks.",
            stopped: error.description,
            next: "Correct `checks` in the settings."
        )
    }
}
