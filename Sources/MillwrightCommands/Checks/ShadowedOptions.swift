// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Finds commands whose own options have the name of a global one: the global option always wins.
///
/// - Needs: nothing.
/// - Cost: reads each command's description of itself.
/// - Blind spot: none.
/// - Silence: `commands.E001:<command>`.
struct ShadowedOptions: SystemCheck {
    static let name = "shadowed-options"
    static let title = "Command options"
    static let ids = ["commands.E001"]
    static let tags: [CheckTag] = [.commands]

    func verdict(in context: SystemCheckContext) async -> Verdict {
        let findings = context.registry.all.compactMap(Self.finding)
        return .of(findings, evidence: [Evidence("commands", .count(context.registry.names.count))])
    }

    private static func finding(for type: any ManagementCommand.Type) -> Finding? {
        let globals = Set(GlobalOption.allNames)
        let shadowed = CommandOutline(type).optionNames.filter(globals.contains)
        guard !shadowed.isEmpty else { return nil }
        return Finding(
            "commands.E001",
            .error,
            on: type.name,
            message: "The command declares \(shadowed.joined(separator: ", ")), which the global options take first.",
            remedy: Remedy("Rename the option, or use the global one from the command's context.")
        )
    }
}
