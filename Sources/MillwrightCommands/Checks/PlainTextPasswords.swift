// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// Finds databases to which a password travels over the network without TLS being demanded.
///
/// - Needs: nothing.
/// - Cost: none; only the addresses in the settings are read.
/// - Blind spot: networks that are encrypted below TCP, such as WireGuard.
/// - Silence: `security.W002`, or `security.W002:databases.<alias>.url` for one database.
struct PlainTextPasswords: SystemCheck {
    static let name = "plain-text-passwords"
    static let title = "Passwords on the network"
    static let ids = ["security.W002"]
    static let tags: [CheckTag] = [.security, .settings]
    static let isForDeploy = true

    func verdict(in context: SystemCheckContext) async -> Verdict {
        let databases = context.settings.settings.databases.values.sorted { $0.alias < $1.alias }
        let findings = databases.filter(\.sendsPasswordInPlainText).map { Self.finding(for: $0.alias) }
        return .of(findings, evidence: [Evidence("databases", .count(databases.count))])
    }

    private static func finding(for alias: String) -> Finding {
        Finding(
            "security.W002",
            .warning,
            on: "databases.\(alias).url",
            message: "The address holds a password and a network host, and does not demand TLS.",
            remedy: Remedy("Add `sslmode=verify-full` (or at least `sslmode=require`) to the address.")
        )
    }
}
