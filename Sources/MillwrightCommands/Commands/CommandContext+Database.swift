// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightToolkit

extension CommandContext {
    /// Looks at the database of some concerns, writes the report and says how the command ends.
    func reportDatabase(_ concerns: [Concern], title: String, nodes: [String] = []) async throws -> ExitCode {
        let alias = self.globals.database
        self.doing("looking at the database \(alias)")
        let sections = try await self.toolkit.databaseSections(of: concerns, database: alias, nodes: nodes)
        return self.finish(Report(command: self.command, title: title, createdAt: Now.seconds, sections: sections))
    }
}
