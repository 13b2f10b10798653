// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// The options every command understands, before or after its name.
public struct GlobalOptions: Sendable, Hashable {
    /// `--settings FILE`.
    public var settingsFile: String?
    /// `--set KEY=VALUE`, as given.
    public var overrides: [String] = []
    /// `--database ALIAS`; `nil` where not given.
    public var databaseAlias: String?
    /// `--cache ALIAS`; `nil` where not given.
    public var cacheAlias: String?
    /// `--format`; `nil` leaves the choice to the command.
    public var format: ReportFormat?
    /// `--output FILE`; `nil` is stdout.
    public var output: String?
    /// `-v 0..3`: 0 says nothing but results and errors, 1 is normal, 2 tells what is done, 3 tells everything.
    public var verbosity = 1
    /// `--color` and `--no-color`; `nil` decides by terminal and `NO_COLOR`.
    public var color: Bool?
    /// `--traceback`: errors are shown with everything we know.
    public var showsTraceback = false
    /// `--no-input`: never ask.
    public var noInput = false
    /// `--timeout`: the most the whole command may take.
    public var timeout: Duration?
    /// `--isolated`: only one run of this command with these settings at a time.
    public var isIsolated = false
    /// `--fail-level`; `nil` leaves the choice to the command.
    public var failLevel: Severity?
    /// `--skip-checks`: run without the system checks the command asks for.
    public var skipsChecks = false
    /// `--help`.
    public var wantsHelp = false
    /// `--version`.
    public var wantsVersion = false

    /// Creates the defaults.
    public init() {}

    /// Whether stdout must be exactly one JSON document.
    public var isJSON: Bool { self.format == .json }
    /// The alias that `--database` names, `default` where not given.
    public var database: String { self.databaseAlias ?? "default" }
    /// The alias that `--cache` names, `default` where not given.
    public var cache: String { self.cacheAlias ?? "default" }
}
