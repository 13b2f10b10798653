// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// What reading the settings gave: the settings as far as they are right, every value with its origin, every problem.
public struct SettingsResult: Sendable, Hashable {
    /// The settings; keys with a problem have their default.
    public var settings: Settings
    /// Every effective value, sorted by key.
    public var values: [SettingsValue]
    /// Everything that is wrong, in the order of the file, then environment, then flags.
    public var problems: [SettingsProblem]
    /// The file that was read, if any.
    public var file: SettingsFile?

    /// Creates a result.
    public init(
        settings: Settings,
        values: [SettingsValue] = [],
        problems: [SettingsProblem] = [],
        file: SettingsFile? = nil
    ) {
        self.settings = settings
        self.values = values
        self.problems = problems
        self.file = file
    }

    /// Whether the file itself holds a password, of a server or of an app.
    public var holdsPasswordInFile: Bool {
        self.values.contains { value in
            guard case .file = value.origin else { return false }
            return value.shown.contains("***")
        }
    }

    /// Returns the settings, or throws an error that names every problem.
    public func get() throws -> Settings {
        guard let error = self.error else { return self.settings }
        throw error
    }

    /// The error that names every problem, or `nil` where the settings are right.
    public var error: ToolError? {
        guard let first = self.problems.first else { return nil }
        let count = self.problems.count
        let stopped =
            count == 1
            ? "\(first)"
            : "There are \(count) problems:" + self.problems.map { "\n  - \($0)" }.joined()
        return ToolError(
            .settings,
            tried: "Tried to read the settings.",
            stopped: stopped,
            next: "Correct them; `manage settings --origin` shows every value and where it came from."
        )
    }
}
