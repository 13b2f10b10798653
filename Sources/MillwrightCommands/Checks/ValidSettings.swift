// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// Finds what is wrong with the settings.
///
/// - Needs: nothing.
/// - Cost: none; the settings were already read.
/// - Blind spot: whether the servers named there exist.
/// - Silence: `settings.E001` … `settings.E003`; a command that needs the settings refuses to run all the same.
struct ValidSettings: SystemCheck {
    static let name = "valid-settings"
    static let title = "Settings"
    static let ids = ["settings.E001", "settings.E002", "settings.E003"]
    static let tags: [CheckTag] = [.settings]

    func verdict(in context: SystemCheckContext) async -> Verdict {
        let values: Evidence = Evidence("values", .count(context.settings.values.count))
        let file = context.settings.settings.file.map { [Evidence("file", .text($0))] } ?? []
        return .of(context.settings.problems.map(Self.finding), evidence: [values] + file)
    }

    private static func finding(for problem: SettingsProblem) -> Finding {
        let evidence = problem.origin.map { [Evidence("origin", .text("\($0)"))] } ?? []
        return Finding(
            Self.id(of: problem),
            .error,
            on: problem.key.isEmpty ? problem.origin.map { "\($0)" } ?? "settings" : problem.key,
            message: problem.key.isEmpty ? "\(problem.message)." : "\(problem.key) \(problem.message).",
            evidence: evidence,
            remedy: Remedy(problem.advice)
        )
    }

    private static func id(of problem: SettingsProblem) -> String {
        if problem.key.isEmpty { return "settings.E001" }
        return problem.message == "is not a known key" ? "settings.E002" : "settings.E003"
    }
}
