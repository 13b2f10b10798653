// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A key of the settings: its components, `["databases", "default", "url"]`.
struct SettingsKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    var components: [String]

    init(_ components: [String]) { self.components = components }

    /// Reads the dotted form.
    init(dotted: String) {
        self.components = dotted.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The dotted form.
    var description: String { self.components.joined(separator: ".") }

    /// The environment variable that overrides it: `MILLWRIGHT_DATABASES_DEFAULT_URL`.
    var variable: String { "MILLWRIGHT_" + self.components.map(Self.folded).joined(separator: "_") }

    /// A component as it stands in a variable's name: capitals, and `_` for whatever is no letter or digit.
    static func folded(_ component: String) -> String {
        String(component.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    static func < (one: Self, other: Self) -> Bool { one.components.lexicographicallyPrecedes(other.components) }
}

/// A key with the text some layer gives it.
struct SettingsEntry: Sendable, Hashable {
    var key: SettingsKey
    var text: String
    var origin: SettingsOrigin
}
