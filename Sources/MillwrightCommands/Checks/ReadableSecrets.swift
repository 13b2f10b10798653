// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// Finds a settings file that holds a password and that anybody on the machine can read.
///
/// - Needs: nothing.
/// - Cost: none; the file was already read.
/// - Blind spot: backups and images that hold a copy of the file.
/// - Silence: `security.W001`.
struct ReadableSecrets: SystemCheck {
    static let name = "readable-secrets"
    static let title = "Secrets in files"
    static let ids = ["security.W001"]
    static let tags: [CheckTag] = [.security]
    static let isForDeploy = true

    func verdict(in context: SystemCheckContext) async -> Verdict {
        guard let file = context.settings.file, context.settings.holdsPasswordInFile else { return .ok([]) }
        let mode = Evidence("mode", .text(String(file.permissions, radix: 8)))
        guard file.permissions & 0o044 != 0 else { return .ok([mode]) }
        let finding = Finding(
            "security.W001",
            .warning,
            on: file.path,
            message: "The settings file holds a password and can be read by others.",
            evidence: [mode],
            remedy: Remedy("Let only the owner read it.", commands: ["chmod 600 \(file.path)"])
        )
        return .findings([finding])
    }
}
