// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Every command of Millwright, in the order of help; the group each belongs to is the command's own `group`.
enum Commands {
    static let all: [any ManagementCommand.Type] = [
        // Look

        // Act

        // Project
        CheckCommand.self,
        CompletionCommand.self,
        HelpCommand.self,
        SettingsCommand.self,
        VersionCommand.self,
    ]
}
