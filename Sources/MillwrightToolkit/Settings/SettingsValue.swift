// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One effective value: its key, its text and what it came from.
public struct SettingsValue: Sendable, Hashable {
    /// The dotted key: `databases.default.url`.
    public var key: String
    /// The text, safe to show: a URL without its password.
    public var shown: String
    /// Which layer won.
    public var origin: SettingsOrigin
}
