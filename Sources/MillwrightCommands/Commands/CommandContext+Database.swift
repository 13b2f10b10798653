// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightToolkit

extension CommandContext {
    /// Looks at the database of some concerns, writes the report and says how the command ends.
    func reportDatabase(_ concerns: [Concern], title: String) async throws -> ExitCode {
        let sections = try await self.databaseSections(concerns)
        return self.finish(Report(command: self.command, title: title, createdAt: Now.seconds, sections: sections))
    }

    /// Looks at the database that `--database` names, with the thresholds of the settings.
    func databaseSections(_ concerns: [Concern] = Concern.allCases) async throws -> [Section] {
        let checkup = Checkup(checks: try self.databaseChecks())
        self.doing("looking at the database \(self.globals.database)")
        return try await checkup.sections(of: concerns, on: self.database())
    }

    /// The checks of a database with the thresholds of the settings.
    func databaseChecks() throws -> [any DatabaseCheck] {
        do throws(ThresholdError) {
            let others = CacheChecks.all.map { type(of: $0).name }
            return try Checks.all(with: self.settings.checks, others: Set(others))
        } catch {
            throw ToolError(
                .settings,
                tried: "Tried to set the thresholds of the checks.",
                stopped: error.description,
                next: "Correct `checks` in the settings."
            )
        }
    }
}
