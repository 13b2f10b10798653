// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth

/// Builds the settings from texts that were judged.
struct SettingsBuild {
    let texts: [SettingsKey: String]

    func settings(file: String?) -> Settings {
        Settings(
            databases: self.aliased("databases", self.database),
            caches: self.aliased("caches", self.cache),
            sessions: self.sessions,
            checks: self.free("checks"),
            silenced: self.texts[SettingsKey(["silenced"])].map(SettingsText.list) ?? [],
            health: self.health,
            server: self.server,
            sandboxFolder: self.text("sandbox", "folder") ?? ".millwright/sandbox",
            apps: self.free("apps"),
            file: file
        )
    }

    private func aliased<Value>(_ group: String, _ make: (String) -> Value?) -> [String: Value] {
        let aliases = Set(self.texts.keys.filter { $0.components.first == group }.map { $0.components[1] })
        return Dictionary(uniqueKeysWithValues: aliases.compactMap { alias in make(alias).map { (alias, $0) } })
    }

    private func database(_ alias: String) -> DatabaseSettings? {
        guard let url = self.text("databases", alias, "url") else { return nil }
        return DatabaseSettings(
            alias: alias,
            url: Secret(url),
            pgBouncer: self.text("databases", alias, "pgbouncer").map { Secret($0) },
            maximumConnections: self.count("databases", alias, "max_connections"),
            minimumConnections: self.count("databases", alias, "min_connections"),
            connectTimeout: self.duration("databases", alias, "connect_timeout") ?? .seconds(5),
            statementTimeout: self.duration("databases", alias, "statement_timeout") ?? .seconds(20),
            lockTimeout: self.duration("databases", alias, "lock_timeout"),
            acquireTimeout: self.duration("databases", alias, "acquire_timeout") ?? .seconds(5),
            maximumAge: self.duration("databases", alias, "conn_max_age") ?? .seconds(600),
            idleTimeout: self.duration("databases", alias, "conn_idle_timeout"),
            isReadOnly: self.flag("databases", alias, "read_only")
        )
    }

    private func cache(_ alias: String) -> CacheSettings? {
        guard let location = self.text("caches", alias, "location") else { return nil }
        return CacheSettings(
            alias: alias,
            location: Secret(location),
            sentinels: self.text("caches", alias, "sentinels").map(SettingsText.list) ?? [],
            sentinelUser: self.text("caches", alias, "sentinel_user"),
            sentinelPassword: self.text("caches", alias, "sentinel_password").map { Secret($0) },
            keyPrefix: self.text("caches", alias, "key_prefix") ?? "",
            version: self.count("caches", alias, "version"),
            timeout: self.duration("caches", alias, "timeout"),
            compressor: self.text("caches", alias, "compressor") ?? "none",
            serializer: self.text("caches", alias, "serializer") ?? "json",
            maximumConnections: self.count("caches", alias, "max_connections"),
            minimumConnections: self.count("caches", alias, "min_connections"),
            connectTimeout: self.duration("caches", alias, "connect_timeout") ?? .seconds(1),
            commandTimeout: self.duration("caches", alias, "command_timeout") ?? .seconds(1),
            acquireTimeout: self.duration("caches", alias, "acquire_timeout") ?? .seconds(1),
            maximumAge: self.duration("caches", alias, "conn_max_age"),
            idleTimeout: self.duration("caches", alias, "conn_idle_timeout")
        )
    }

    private var sessions: SessionSettings? {
        guard let cache = self.text("sessions", "cache_alias"), let database = self.text("sessions", "database") else {
            return nil
        }
        var settings = SessionSettings(cacheAlias: cache, database: database)
        settings.idleLifetime = self.duration("sessions", "idle_lifetime") ?? settings.idleLifetime
        settings.absoluteLifetime = self.duration("sessions", "absolute_lifetime")
        settings.touchAfter = self.duration("sessions", "touch_after") ?? settings.touchAfter
        settings.redisTimeout = self.duration("sessions", "redis_timeout") ?? settings.redisTimeout
        settings.databaseTimeout = self.duration("sessions", "database_timeout") ?? settings.databaseTimeout
        settings.lease = self.duration("sessions", "lease") ?? settings.lease
        settings.readsWithoutDatabase = self.flag("sessions", "reads_without_database")
        settings.failover = self.text("sessions", "failover")
        settings.encryptionKeys = (self.text("sessions", "encryption_keys").map(SettingsText.list) ?? []).map {
            Secret($0)
        }
        settings.cookieName = self.text("sessions", "cookie_name") ?? settings.cookieName
        settings.isCookieSecure = self.flag("sessions", "cookie_secure")
        settings.cookieSameSite = self.text("sessions", "cookie_same_site") ?? settings.cookieSameSite
        return settings
    }

    private var health: HealthSettings {
        HealthSettings(
            interval: self.duration("health", "interval") ?? .seconds(2),
            checkTimeout: self.duration("health", "check_timeout") ?? .milliseconds(500),
            budget: self.duration("health", "budget") ?? .milliseconds(800),
            prober: self.text("health", "prober").flatMap { try? Prober($0) },
            drain: self.duration("health", "drain"),
            drainMode: self.text("health", "drain_mode").flatMap { DrainMode(rawValue: $0) } ?? .status503,
            balancers: self.text("health", "balancers").map(SettingsText.list) ?? [],
            showsDetails: self.flag("health", "details"),
            token: self.text("health", "token").map { Secret($0) },
            trustedNetworks: self.text("health", "trusted_networks").map(SettingsText.list) ?? [],
            trustedProxies: self.text("health", "trusted_proxies").map(SettingsText.list) ?? [],
            groups: self.healthMembers("groups").sorted { $0.key < $1.key }.map { key, text in
                HealthGroup(key, checks: SettingsText.list(text))
            },
            statusCodes: (try? self.statusCodes()) ?? .standard,
            checks: self.healthChecks
        )
    }

    private var server: ServerSettings {
        ServerSettings(
            bind: self.text("server", "bind") ?? "127.0.0.1:8080",
            agent: self.text("server", "agent"),
            instances: self.count("server", "instances"),
            maximumConnections: self.count("server", "max_connections"),
            maximumHeaderBytes: self.count("server", "max_header_bytes"),
            headerTimeout: self.duration("server", "header_timeout") ?? .seconds(10),
            idleTimeout: self.duration("server", "idle_timeout") ?? .seconds(75),
            shutdownTimeout: self.duration("server", "shutdown_timeout") ?? .seconds(20)
        )
    }

    /// The HTTP status of each answer; the standard where the settings say nothing.
    func statusCodes() throws -> HealthStatusCodes {
        let pairs = self.healthMembers("status_codes").compactMap { key, text -> (HealthStatus, Int)? in
            guard let status = HealthStatus(rawValue: key), let code = Int(text) else { return nil }
            return (status, code)
        }
        return pairs.isEmpty ? .standard : try HealthStatusCodes(Dictionary(pairs) { $1 })
    }

    /// `health.checks.cache.sessions.interval` becomes `["cache.sessions": ["interval": …]]`.
    private var healthChecks: [String: [String: String]] {
        self.healthMembers("checks").reduce(into: [:]) { checks, member in
            let parts = member.key.split(separator: ".")
            checks[parts.dropLast().joined(separator: "."), default: [:]][String(parts.last ?? "")] = member.value
        }
    }

    /// What stands in a group within `health`, by the rest of its key.
    private func healthMembers(_ group: String) -> [(key: String, value: String)] {
        self.texts.compactMap { key, text in
            guard key.components.starts(with: ["health", group]), key.components.count > 2 else { return nil }
            return (key.components.dropFirst(2).joined(separator: "."), text)
        }
    }

    /// `apps.erp.page.size` becomes `["erp": ["page.size": …]]`.
    private func free(_ group: String) -> [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        for (key, text) in self.texts where key.components.first == group && SettingsSchema.isFree(key) {
            result[key.components[1], default: [:]][key.components.dropFirst(2).joined(separator: ".")] = text
        }
        return result
    }

    private func text(_ components: String...) -> String? { self.texts[SettingsKey(components)] }

    private func duration(_ components: String...) -> Duration? {
        self.texts[SettingsKey(components)].flatMap(Units.duration)
    }

    private func count(_ components: String...) -> Int {
        self.texts[SettingsKey(components)].flatMap { Int($0) } ?? 1
    }

    private func flag(_ components: String...) -> Bool {
        self.texts[SettingsKey(components)].flatMap(SettingsText.flag) ?? false
    }
}
