// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Everything a project says about its databases, caches, sessions and checks.
///
/// A key is read from the first of these that has it: `--set` on the command line, `MILLWRIGHT_…` in the environment,
/// `DATABASE_URL` and `REDIS_URL` for the alias `default`, the settings file, the built-in default.
public struct Settings: Sendable, Hashable {
    /// The databases by alias.
    public var databases: [String: DatabaseSettings]
    /// The caches by alias.
    public var caches: [String: CacheSettings]
    /// Where sessions live; `nil` where the project has none.
    public var sessions: SessionSettings?
    /// Thresholds of checks: by the check's name, then by the threshold's.
    public var checks: [String: [String: String]]
    /// Findings that are not reported: ids (`indexes.W001`) or fingerprints (`indexes.W001:public.orders_ix`).
    public var silenced: [String]
    /// How the health endpoint looks and answers.
    public var health: HealthSettings
    /// How the host's server listens, and what it puts up with.
    public var server: ServerSettings
    /// The folder of the private servers.
    public var sandboxFolder: String
    /// What the host application keeps for itself, by app label, then by dotted key.
    public var apps: [String: [String: String]]
    /// The file that was read, if any.
    public var file: String?

    /// Creates the settings; what is left out is the default.
    public init(
        databases: [String: DatabaseSettings] = [:],
        caches: [String: CacheSettings] = [:],
        sessions: SessionSettings? = nil,
        checks: [String: [String: String]] = [:],
        silenced: [String] = [],
        health: HealthSettings = HealthSettings(),
        server: ServerSettings = ServerSettings(),
        sandboxFolder: String = ".millwright/sandbox",
        apps: [String: [String: String]] = [:],
        file: String? = nil
    ) {
        self.databases = databases
        self.caches = caches
        self.sessions = sessions
        self.checks = checks
        self.silenced = silenced
        self.health = health
        self.server = server
        self.sandboxFolder = sandboxFolder
        self.apps = apps
        self.file = file
    }
}
