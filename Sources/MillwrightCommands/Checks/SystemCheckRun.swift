// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Runs system checks one after another.
struct SystemCheckRun: Sendable {
    let selection: CheckSelection

    /// What the chosen checks said, in their order.
    func outcomes(in context: CommandContext) async -> [CheckOutcome] {
        let look = SystemCheckContext(
            settings: context.settingsResult,
            toolkit: context.toolkit,
            registry: context.registry,
            database: context.globals.database,
            cache: context.globals.cache
        )
        var outcomes: [CheckOutcome] = []
        for check in context.registry.checks where self.selection.includes(check) {
            outcomes.append(await Self.outcome(of: check, look))
        }
        return outcomes
    }

    private static func outcome(of check: some SystemCheck, _ look: SystemCheckContext) async -> CheckOutcome {
        let type = Swift.type(of: check)
        let start = ContinuousClock.now
        let verdict = await check.verdict(in: look)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return CheckOutcome(name: type.name, title: type.title, verdict: verdict, seconds: seconds)
    }
}
