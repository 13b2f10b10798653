// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension GlobalOption {
    /// Every global option, in the order of help.
    static let all: [GlobalOption] = Self.settings + Self.output + Self.run

    private static let settings: [GlobalOption] = [
        .text("--settings", value: "file", abstract: "Read the settings from this file.") { $0.settingsFile = $1 },
        .text("--set", value: "key=value", abstract: "Override one key of the settings; may be repeated.") {
            $0.overrides.append($1)
        },
        .text("--database", value: "alias", abstract: "Work on this database of the settings (default: default).") {
            $0.databaseAlias = $1
        },
        .text("--cache", value: "alias", abstract: "Work on this cache of the settings (default: default).") {
            $0.cacheAlias = $1
        },
    ]

    private static let output: [GlobalOption] = [
        .choice(
            "--format",
            value: "format",
            of: ReportFormat.allCases.map(\.rawValue),
            abstract: "Write text, table, json, csv, markdown, summary, html or sql."
        ) { $0.format = ReportFormat(rawValue: $1) },
        .text("--output", value: "file", abstract: "Write the result to this file, as a whole or not at all.") {
            $0.output = $1
        },
        .choice(
            "--fail-level",
            value: "level",
            of: Severity.allCases.map(\.rawValue),
            abstract: "Exit with 1 for findings at or above info, warning, error or critical."
        ) { $0.failLevel = Severity(rawValue: $1) },
        .choice(
            "-v",
            "--verbosity",
            value: "0..3",
            of: ["0", "1", "2", "3"],
            abstract: "Say nothing but results (0), what matters (1), what is done (2), everything (3)."
        ) { $0.verbosity = Int($1) ?? 1 },
        .flag("-q", "--quiet", abstract: "The same as -v 0.") { $0.verbosity = 0 },
        .flag("--color", abstract: "Colour, even where no terminal is.") { $0.color = true },
        .flag("--no-color", abstract: "Never colour; NO_COLOR does the same.") { $0.color = false },
        .flag("--traceback", abstract: "Show errors with everything known about them.") { $0.showsTraceback = true },
    ]

    private static let run: [GlobalOption] = [
        .flag("--no-input", abstract: "Never ask; what would have been asked is confirmed.") { $0.noInput = true },
        GlobalOption(names: ["--timeout"], value: "time", abstract: "Give up after this time: 30s, 5m.") {
            options,
            text in
            guard let time = Units.duration(text), time > .zero else { return "write a time such as 30s or 5m" }
            options.timeout = time
            return nil
        },
        .flag("--isolated", abstract: "Do not run while another run of the same command does.") {
            $0.isIsolated = true
        },
        .flag("--skip-checks", abstract: "Run without the system checks before it.") { $0.skipsChecks = true },
        .flag("-h", "--help", abstract: "Show help.") { $0.wantsHelp = true },
        .flag("--version", abstract: "Show the version.") { $0.wantsVersion = true },
    ]

    /// The options by each of their names.
    static let byName: [String: GlobalOption] = Dictionary(
        uniqueKeysWithValues: all.flatMap { option in option.names.map { ($0, option) } }
    )

    /// Every name, for "Did you mean".
    static var allNames: [String] { Self.all.flatMap(\.names) }
}
