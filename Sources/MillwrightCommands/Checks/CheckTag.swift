// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a system check is about; `manage check --tag` and commands choose checks by it.
public struct CheckTag: RawRepresentable, Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
    /// The word people type.
    public var rawValue: String

    /// Creates a tag.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Creates a tag.
    public init(stringLiteral value: String) { self.rawValue = value }

    /// The settings.
    public static let settings: CheckTag = "settings"
    /// The databases; these checks connect, so they run only when asked for.
    public static let database: CheckTag = "database"
    /// The caches; these checks connect, so they run only when asked for.
    public static let caches: CheckTag = "caches"
    /// The health endpoint and who asks it.
    public static let health: CheckTag = "health"
    /// Secrets and who can read them.
    public static let security: CheckTag = "security"
    /// The registered commands.
    public static let commands: CheckTag = "commands"

    /// Orders by the word.
    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}
