// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one place says: its entries and what is wrong with it.
struct SettingsLayer: Sendable, Hashable {
    var entries: [SettingsEntry] = []
    var problems: [SettingsProblem] = []
}

extension SettingsLayer {
    /// Reads what `--set key=value` said; the last of several wins.
    static func flags(_ overrides: [String]) -> SettingsLayer {
        var layer = SettingsLayer()
        for override in overrides {
            guard let equals = override.firstIndex(of: "="), equals > override.startIndex else {
                let advice = "Write `--set databases.default.url=postgres://…`."
                layer.problems.append(
                    SettingsProblem(Redaction.scrubbed(override), at: .flag, "has no value", advice: advice)
                )
                continue
            }
            let key = SettingsKey(dotted: String(override[..<equals]))
            layer.entries.removeAll { $0.key == key }
            let text = String(override[override.index(after: equals)...])
            layer.entries.append(SettingsEntry(key: key, text: text, origin: .flag))
        }
        return layer
    }

    /// Moves entries that no schema knows into problems.
    func judged() -> SettingsLayer {
        var judged = SettingsLayer(problems: self.problems)
        for entry in self.entries {
            if let problem = UnknownKey.problem(with: entry.key, at: entry.origin) {
                judged.problems.append(problem)
            } else {
                judged.entries.append(entry)
            }
        }
        return judged
    }
}
