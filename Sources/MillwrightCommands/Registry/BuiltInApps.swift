// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The apps that come with Millwright.
public enum BuiltInApps {
    /// Millwright's own commands and system checks.
    public static let millwright = AppConfig(
        label: "millwright",
        title: "Millwright",
        commands: Commands.all,
        checks: SystemChecks.all
    )
}
