// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An app: a label and what it brings to the command line.
///
/// A host registers its own beside `BuiltInApps.millwright`; two apps must not share a label or a command's name.
public struct AppConfig: Sendable {
    /// The short, permanent name: letters, digits and `_`.
    public var label: String
    /// The heading in help.
    public var title: String
    /// The commands, in the order of help.
    public var commands: [any ManagementCommand.Type]
    /// The system checks, in the order they run.
    public var checks: [any SystemCheck]
    /// A folder of the app's own migrations (`m0001_….up.sql`), if it has one.
    public var migrationsFolder: String?

    /// Creates an app.
    public init(
        label: String,
        title: String,
        commands: [any ManagementCommand.Type] = [],
        checks: [any SystemCheck] = [],
        migrationsFolder: String? = nil
    ) {
        self.label = label
        self.title = title
        self.commands = commands
        self.checks = checks
        self.migrationsFolder = migrationsFolder
    }
}
