// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightHealth

/// One known key: where it stands, what it holds, its default.
struct SettingsField: Sendable {
    /// The last component: `connect_timeout`.
    var name: String
    /// What it holds.
    var kind: SettingsKind
    /// The default as it would be written in the file; `nil` where there is none.
    var fallback: String?

    init(_ name: String, _ kind: SettingsKind, default fallback: String? = nil) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
    }
}

/// The list of everything that can be set: the table of contents of `millwright.yaml`.
enum SettingsSchema {
    /// Groups whose members are named by the project: `databases.<alias>.url`.
    static let aliased: [String: [SettingsField]] = [
        "databases": [
            SettingsField("url", .databaseURL),
            SettingsField("pgbouncer", .databaseURL),
            SettingsField("max_connections", .count(1...10_000), default: "10"),
            SettingsField("min_connections", .count(0...10_000), default: "0"),
            SettingsField("connect_timeout", .duration, default: "5s"),
            SettingsField("statement_timeout", .duration, default: "20s"),
            SettingsField("lock_timeout", .duration),
            SettingsField("acquire_timeout", .duration, default: "5s"),
            SettingsField("conn_max_age", .duration, default: "600s"),
            SettingsField("conn_idle_timeout", .durationOrNone, default: "600s"),
            SettingsField("read_only", .flag, default: "false"),
        ],
        "caches": [
            SettingsField("location", .cacheURL),
            SettingsField("sentinels", .sentinels),
            SettingsField("sentinel_user", .text),
            SettingsField("sentinel_password", .secret),
            SettingsField("key_prefix", .text, default: ""),
            SettingsField("version", .count(1...1_000_000), default: "1"),
            SettingsField("timeout", .durationOrNone, default: "300"),
            SettingsField("compressor", .word(["none", "zlib"]), default: "none"),
            SettingsField("serializer", .word(["json", "raw"]), default: "json"),
            SettingsField("max_connections", .count(1...10_000), default: "10"),
            SettingsField("min_connections", .count(0...10_000), default: "0"),
            SettingsField("connect_timeout", .duration, default: "1s"),
            SettingsField("command_timeout", .duration, default: "1s"),
            SettingsField("acquire_timeout", .duration, default: "1s"),
            SettingsField("conn_max_age", .durationOrNone, default: "none"),
            SettingsField("conn_idle_timeout", .durationOrNone, default: "600s"),
        ],
    ]

    /// Groups with fixed members: `health.interval`.
    static let fixed: [String: [SettingsField]] = [
        "sessions": [
            SettingsField("cache_alias", .text),
            SettingsField("database", .text),
            SettingsField("idle_lifetime", .duration, default: "14d"),
            SettingsField("absolute_lifetime", .durationOrNone, default: "none"),
            SettingsField("touch_after", .duration, default: "60s"),
            SettingsField("redis_timeout", .duration, default: "250ms"),
            SettingsField("database_timeout", .duration, default: "1s"),
            SettingsField("lease", .duration, default: "200ms"),
            SettingsField("reads_without_database", .flag, default: "true"),
            // Without it a node leaves the decision as it is.
            SettingsField("failover", .word(["auto", "redis", "database"])),
            SettingsField("encryption_keys", .secret),
            SettingsField("cookie_name", .text, default: "sessionid"),
            SettingsField("cookie_secure", .flag, default: "true"),
            SettingsField("cookie_same_site", .word(["lax", "strict", "none"]), default: "lax"),
        ],
        "health": [
            SettingsField("interval", .duration, default: "2s"),
            SettingsField("check_timeout", .duration, default: "500ms"),
            SettingsField("budget", .duration, default: "800ms"),
            SettingsField("prober", .prober),
            // Its default follows from the prober.
            SettingsField("drain", .duration),
            SettingsField("drain_mode", .word(DrainMode.allCases.map(\.rawValue)), default: "503"),
            SettingsField("balancers", .networks),
            SettingsField("details", .flag, default: "false"),
            SettingsField("token", .secret),
            SettingsField("trusted_networks", .networks),
            SettingsField("trusted_proxies", .networks),
        ],
        "server": [
            SettingsField("bind", .text, default: "127.0.0.1:8080"),
            SettingsField("agent", .text),
            SettingsField("instances", .count(1...10_000), default: "1"),
            SettingsField("max_connections", .count(1...1_000_000), default: "512"),
            SettingsField("max_header_bytes", .count(1024...1_048_576), default: "16384"),
            SettingsField("header_timeout", .duration, default: "10s"),
            SettingsField("idle_timeout", .duration, default: "75s"),
            SettingsField("shutdown_timeout", .duration, default: "20s"),
        ],
        "sandbox": [
            SettingsField("folder", .text, default: ".millwright/sandbox")
        ],
    ]

    /// Keys at the top that hold a value themselves.
    static let top: [SettingsField] = [SettingsField("silenced", .list)]

    /// Groups in which any key may stand: thresholds of checks, and what host applications keep for themselves.
    static let free = ["apps", "checks"]

    /// What may stand at the top of the file.
    static var topKeys: [String] {
        self.aliased.keys.sorted() + self.fixed.keys.sorted() + self.top.map(\.name) + self.free
    }

    /// The field a key names; `nil` for free keys and unknown ones.
    static func field(of key: SettingsKey) -> SettingsField? {
        let parts = key.components
        switch parts.count {
        case 1: return self.top.first { $0.name == parts[0] }
        case 2: return self.fixed[parts[0]]?.first { $0.name == parts[1] }
        case 3 where self.aliased[parts[0]] != nil: return self.aliased[parts[0]]?.first { $0.name == parts[2] }
        default: return self.healthField(of: parts)
        }
    }

    /// Groups within `health`, and what their members hold.
    static let healthGroups = ["checks", "groups", "status_codes"]

    /// `health.groups.<name>`, `health.status_codes.<status>`, `health.checks.<name>.<key>`; a check's name may hold dots.
    private static func healthField(of parts: [String]) -> SettingsField? {
        guard parts.count >= 3, parts[0] == "health", let last = parts.last else { return nil }
        switch parts[1] {
        case "groups" where parts.count == 3: return SettingsField(last, .list)
        case "status_codes" where parts.count == 3 && HealthStatus(rawValue: last) != nil:
            return SettingsField(last, .count(200...599))
        case "checks" where parts.count >= 4: return SettingsField(last, .text)
        default: return nil
        }
    }

    /// Whether the key stands in a group in which any key may stand, deep enough to be a value.
    static func isFree(_ key: SettingsKey) -> Bool {
        switch key.components.first {
        case "apps": key.components.count >= 3
        case "checks": key.components.count == 3
        default: false
        }
    }
}
