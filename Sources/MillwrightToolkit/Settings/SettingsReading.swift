// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Reads every key once, judges it, and gathers settings, values and problems.
struct SettingsReading {
    private let resolution: SettingsResolution
    private let keys: [SettingsKey]
    private let file: SettingsFile?
    private var values: [SettingsValue] = []
    private var problems: [SettingsProblem]

    init(layers: [(name: String, layer: SettingsLayer)], file: SettingsFile?) {
        let given = layers.flatMap(\.layer.entries).map(\.key)
        let defaults = Self.defaults(for: given)
        self.resolution = SettingsResolution(layers: layers + [("default", defaults)])
        self.keys = Set(given + defaults.entries.map(\.key)).sorted()
        // The file comes first for people, then the environment, then the flags.
        self.problems = layers.reversed().flatMap(\.layer.problems)
        self.file = file
    }

    mutating func result() -> SettingsResult {
        var texts: [SettingsKey: String] = [:]
        for key in self.keys {
            guard let entry = self.resolution.entry(key) else { continue }
            texts[key] = self.judged(entry)
            self.values.append(SettingsValue(key: key.description, shown: Self.shown(entry), origin: entry.origin))
        }
        let build = SettingsBuild(texts: texts)
        let settings = build.settings(file: self.file?.path)
        self.addDrain(settings.health.drain)
        self.problems += self.statusProblems(build)
        self.problems += self.crossProblems(settings, texts)
        return SettingsResult(settings: settings, values: self.values, problems: self.problems, file: self.file)
    }

    /// Shows the drain that follows from the prober where none is given.
    private mutating func addDrain(_ drain: Duration) {
        let key = "health.drain"
        guard !self.values.contains(where: { $0.key == key }) else { return }
        let shown = Units.text(drain).replacing(" ", with: "")
        self.values.append(SettingsValue(key: key, shown: shown, origin: .fallback))
        self.values.sort { SettingsKey(dotted: $0.key) < SettingsKey(dotted: $1.key) }
    }

    /// The text where it is right; otherwise notes the problem and falls back to the default.
    private mutating func judged(_ entry: SettingsEntry) -> String? {
        guard let field = SettingsSchema.field(of: entry.key) else { return entry.text }
        guard let fault = field.kind.fault(in: entry.text) else { return entry.text }
        let problem = SettingsProblem(entry.key.description, at: entry.origin, fault.message, advice: fault.advice)
        self.problems.append(problem)
        return field.fallback
    }

    /// What is wrong between keys: an alias without an address, a name that is nobody's.
    private func crossProblems(_ settings: Settings, _ texts: [SettingsKey: String]) -> [SettingsProblem] {
        self.missingAddresses(texts)
            + self.danglingName("sessions.cache_alias", in: settings.caches.keys.sorted(), texts)
            + self.danglingName("sessions.database", in: settings.databases.keys.sorted(), texts)
    }

    /// A status without an HTTP status, or with one that says the opposite.
    private func statusProblems(_ build: SettingsBuild) -> [SettingsProblem] {
        do {
            _ = try build.statusCodes()
            return []
        } catch {
            let key = self.keys.first { $0.components.starts(with: ["health", "status_codes"]) }
            let origin = key.flatMap { self.resolution.entry($0) }?.origin
            return [
                SettingsProblem(
                    "health.status_codes",
                    at: origin,
                    "does not hold: \(error)",
                    advice: "Write `pass`, `warn` and `fail`, such as 200, 200 and 503."
                )
            ]
        }
    }

    private func missingAddresses(_ texts: [SettingsKey: String]) -> [SettingsProblem] {
        [("databases", "url"), ("caches", "location")].flatMap { group, address in
            let aliases = Set(self.keys.filter { $0.components.first == group }.map { $0.components[1] })
            return aliases.sorted().compactMap { alias -> SettingsProblem? in
                let key = SettingsKey([group, alias, address])
                guard self.resolution.entry(key) == nil else { return nil }
                let origin = self.keys.first { $0.components.starts(with: [group, alias]) }
                    .flatMap { self.resolution.entry($0) }?.origin
                let first = self.keys.lazy.filter { $0.components.starts(with: [group, alias]) }
                    .compactMap { self.resolution.entry($0)?.origin }.first { $0 != .fallback }
                return SettingsProblem(
                    key.description,
                    at: first ?? origin,
                    "is missing",
                    advice: "Write it in the file, or set \(key.variable)."
                )
            }
        }
    }

    private func danglingName(
        _ dotted: String,
        in known: [String],
        _ texts: [SettingsKey: String]
    ) -> [SettingsProblem] {
        let key = SettingsKey(dotted: dotted)
        guard let name = texts[key], !known.contains(name) else { return [] }
        let all = known.isEmpty ? "None is defined." : "Defined: \(known.joined(separator: ", "))."
        let advice = nearest(name, in: known).map { "Did you mean `\($0)`?" } ?? all
        let origin = self.resolution.entry(key)?.origin
        return [SettingsProblem(dotted, at: origin, "names `\(name)`, which is not defined", advice: advice)]
    }

    private static func shown(_ entry: SettingsEntry) -> String {
        if let field = SettingsSchema.field(of: entry.key) { return field.kind.shown(entry.text) }
        let name = entry.key.components.last?.lowercased() ?? ""
        let isSecret = ["password", "secret", "token", "private", "api_key"].contains { name.contains($0) }
        return isSecret ? "***" : ServerURL.redacted(entry.text)
    }

    /// The defaults of every fixed key, and of the keys of every alias that some layer names.
    private static func defaults(for given: [SettingsKey]) -> SettingsLayer {
        var entries: [SettingsEntry] = []
        func add(_ key: SettingsKey, _ field: SettingsField) {
            guard let text = field.fallback else { return }
            entries.append(SettingsEntry(key: key, text: text, origin: .fallback))
        }
        for (group, fields) in SettingsSchema.fixed {
            for field in fields { add(SettingsKey([group, field.name]), field) }
        }
        for (group, fields) in SettingsSchema.aliased {
            let aliases = Set(
                given.filter { $0.components.first == group && $0.components.count == 3 }.map { $0.components[1] }
            )
            for alias in aliases { for field in fields { add(SettingsKey([group, alias, field.name]), field) } }
        }
        return SettingsLayer(entries: entries)
    }
}
