// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What the environment says, as entries: `MILLWRIGHT_DATABASES_DEFAULT_URL` is `databases.default.url`.
///
/// A variable's name is the key in capitals, with `_` between the components and for every `-`. An alias that holds `_`
/// itself is found because the name's end is a known key: `MILLWRIGHT_CACHES_MY_SITE_KEY_PREFIX` is
/// `caches.my_site.key_prefix`.
struct SettingsEnvironment {
    /// Keys of the file, whose spelling wins where the name allows several (`my-site` or `my_site`).
    var known: [SettingsKey]

    private static let prefix = "MILLWRIGHT_"

    /// Reads what overrides keys, in the order of the names.
    func overrides(_ environment: [String: String]) -> SettingsLayer {
        var layer = SettingsLayer()
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(Self.prefix) {
            let origin = SettingsOrigin.environment(variable: variable)
            if let key = self.key(named: variable) {
                layer.entries.append(SettingsEntry(key: key, text: text, origin: origin))
            } else if let guess = self.guess(variable) {
                layer.problems.append(SettingsProblem("", at: origin, "It names no key", advice: guess))
            }
        }
        return layer
    }

    /// Reads `DATABASE_URL` and `REDIS_URL`, which name the alias `default`; empty ones are left out.
    static func conventional(_ environment: [String: String]) -> SettingsLayer {
        let keys = [("DATABASE_URL", "databases.default.url"), ("REDIS_URL", "caches.default.location")]
        let entries = keys.compactMap { variable, key in
            environment[variable].flatMap { $0.isEmpty ? nil : $0 }.map {
                SettingsEntry(key: SettingsKey(dotted: key), text: $0, origin: .environment(variable: variable))
            }
        }
        return SettingsLayer(entries: entries)
    }

    private func key(named variable: String) -> SettingsKey? {
        if let key = self.known.first(where: { $0.variable == variable }) { return key }
        let name = variable.dropFirst(Self.prefix.count)
        for field in SettingsSchema.top where SettingsKey.folded(field.name) == name {
            return SettingsKey([field.name])
        }
        for (group, fields) in SettingsSchema.fixed.sorted(by: { $0.key < $1.key }) {
            for field in fields where SettingsKey([group, field.name]).variable == variable {
                return SettingsKey([group, field.name])
            }
        }
        return self.aliasedKey(named: variable) ?? self.appKey(named: String(name))
    }

    private func aliasedKey(named variable: String) -> SettingsKey? {
        for (group, fields) in SettingsSchema.aliased.sorted(by: { $0.key < $1.key }) {
            let start = Self.prefix + SettingsKey.folded(group) + "_"
            // The longest name first: `acquire_timeout` of `default`, not `timeout` of `default_acquire`.
            for field in fields.sorted(by: { $0.name.count > $1.name.count }) {
                let end = "_" + SettingsKey.folded(field.name)
                guard variable.hasPrefix(start), variable.hasSuffix(end) else { continue }
                let length = variable.count - start.count - end.count
                guard length > 0 else { continue }
                let alias = variable.dropFirst(start.count).prefix(length)
                return SettingsKey([group, self.alias(String(alias), in: group), field.name])
            }
        }
        return nil
    }

    /// `MILLWRIGHT_APPS_ERP_PAGE_SIZE` is `apps.erp.page_size`: the label is the first word.
    private func appKey(named name: String) -> SettingsKey? {
        let parts = name.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "APPS", parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return SettingsKey(parts.map { $0.lowercased() })
    }

    private func alias(_ folded: String, in group: String) -> String {
        let named = self.known.first {
            $0.components.count > 1 && $0.components[0] == group && SettingsKey.folded($0.components[1]) == folded
        }
        return named?.components[1] ?? folded.lowercased()
    }

    /// What to do about a variable that names no key, or `nil` where it is none of ours to judge.
    private func guess(_ variable: String) -> String? {
        let name = variable.dropFirst(Self.prefix.count)
        for (group, fields) in SettingsSchema.aliased where name.hasPrefix(SettingsKey.folded(group) + "_") {
            return
                "Known: \(fields.map { Self.prefix + SettingsKey.folded(group) + "_<ALIAS>_" + SettingsKey.folded($0.name) }.joined(separator: ", "))."
        }
        for (group, fields) in SettingsSchema.fixed where name.hasPrefix(SettingsKey.folded(group) + "_") {
            return "Known: \(fields.map { SettingsKey([group, $0.name]).variable }.joined(separator: ", "))."
        }
        guard name.hasPrefix("CHECKS_") else { return nil }
        return "Thresholds of checks can be overridden here only where the file names them; or use `--set checks.…=…`."
    }
}
