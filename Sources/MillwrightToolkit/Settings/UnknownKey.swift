// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth

/// Judges keys: which are known, and what was probably meant by the others.
enum UnknownKey {
    /// What is wrong with a key, or `nil` where the schema knows it.
    static func problem(with key: SettingsKey, at origin: SettingsOrigin) -> SettingsProblem? {
        if let field = SettingsSchema.field(of: key) { return Self.aliasProblem(key, field, origin) }
        if SettingsSchema.isFree(key) { return nil }
        let (word, known) = Self.choice(for: key)
        return SettingsProblem(key.description, at: origin, "is not a known key", advice: Self.advice(word, known))
    }

    private static func aliasProblem(
        _ key: SettingsKey,
        _ field: SettingsField,
        _ origin: SettingsOrigin
    ) -> SettingsProblem? {
        guard key.components.count == 3, !Self.isAlias(key.components[1]) else { return nil }
        return SettingsProblem(
            key.description,
            at: origin,
            "has the alias `\(key.components[1])`, which is not a name",
            advice: "Write letters, digits, `_` and `-`, beginning with a letter."
        )
    }

    /// Letters, digits, `_` and `-`, beginning with a letter.
    static func isAlias(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }

    /// The component that went wrong, and what could stand there.
    private static func choice(for key: SettingsKey) -> (word: String, known: [String]) {
        let parts = key.components
        guard let group = parts.first, SettingsSchema.topKeys.contains(group) else {
            return (parts.first ?? "", SettingsSchema.topKeys)
        }
        if let fields = SettingsSchema.fixed[group] { return Self.choice(parts, fields.map(\.name)) }
        if let fields = SettingsSchema.aliased[group] { return (parts.count > 2 ? parts[2] : "", fields.map(\.name)) }
        return ("", [])
    }

    /// The component of a fixed group that went wrong.
    private static func choice(_ parts: [String], _ fields: [String]) -> (word: String, known: [String]) {
        let isHealth = parts[0] == "health"
        if isHealth, parts.count == 3, parts[1] == "status_codes" {
            return (parts[2], HealthStatus.allCases.map(\.rawValue))
        }
        return (parts.count > 1 ? parts[1] : "", fields + (isHealth ? SettingsSchema.healthGroups : []))
    }

    private static func advice(_ word: String, _ known: [String]) -> String {
        if !word.isEmpty, let guess = nearest(word, in: known) { return "Did you mean `\(guess)`?" }
        guard !known.isEmpty else { return "Write `apps.<label>.<key>` or `checks.<name>.<threshold>`." }
        return "Known here: \(known.joined(separator: ", "))."
    }
}
