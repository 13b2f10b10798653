// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// The system checks a command asks for: they run before it, and an error among them keeps it from running.
struct RequiredChecks: Sendable {
    let tags: [CheckTag]

    /// Runs them; mild findings go to stderr, an error or worse is thrown.
    func pass(in context: CommandContext) async throws {
        guard !self.tags.isEmpty else { return }
        let selection = CheckSelection(tags: Set(self.tags), isDeploy: false, connecting: [])
        let outcomes = await SystemCheckRun(selection: selection).outcomes(in: context)
        let findings = Silences(context.settings.silenced).kept(outcomes.flatMap(\.verdict.findings))
        for finding in findings {
            context.say("\(finding.severity.rawValue): \(finding.subject): \(finding.message) (\(finding.id))")
        }
        guard let worst = findings.map(\.severity).max(), worst >= .error else { return }
        throw ToolError(
            .notWell,
            tried: "Ran the system checks that `\(context.command)` asks for.",
            stopped: "They found errors, so it did not run.",
            next: "Cure them; `manage check` shows them again, `--skip-checks` runs without them."
        )
    }
}
