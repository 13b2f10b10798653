// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension Settings {
    /// Finds, reads and judges the settings.
    ///
    /// - Parameters:
    ///   - file: The path given by `--settings`; `nil` looks at `MILLWRIGHT_SETTINGS`, then at `./millwright.yaml`.
    ///   - environment: The environment.
    ///   - overrides: What `--set` said, each `key=value`.
    public static func load(
        file: String? = nil,
        environment: [String: String],
        overrides: [String] = []
    ) -> SettingsResult {
        let (found, problem) = SettingsFile.find(flag: file, environment: environment)
        var result = Self.read(file: found, environment: environment, overrides: overrides)
        if let problem { result.problems.insert(problem, at: 0) }
        return result
    }

    /// Judges settings that were already read: pure, no file is touched.
    public static func read(
        file: SettingsFile?,
        environment: [String: String] = [:],
        overrides: [String] = []
    ) -> SettingsResult {
        let document = file.map { SettingsDocument.read($0.text.reveal(), path: $0.path) } ?? SettingsLayer()
        let flags = SettingsLayer.flags(overrides)
        let keys = (document.entries + flags.entries).map(\.key)
        let variables = SettingsEnvironment(known: keys).overrides(environment)
        let layers = [
            ("flag", flags.judged()), ("environment", variables.judged()),
            ("convention", SettingsEnvironment.conventional(environment)), ("file", document.judged()),
        ]
        var reading = SettingsReading(layers: layers, file: file)
        return reading.result()
    }
}
