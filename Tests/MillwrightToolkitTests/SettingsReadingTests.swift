// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightToolkit
import Testing

@Suite("Reading the settings")
struct SettingsReadingTests {
    private static let full = """
        databases:
          default: { url: "postgres://app:s3cret@db/erp", max_connections: 20, connect_timeout: 2s, conn_max_age: 600s }
          replica:
            url: "host=replica dbname=erp"
            read_only: true
            lock_timeout: 500ms
        caches:
          default:  { location: "redis://127.0.0.1:6379/1", key_prefix: erp, timeout: 300, compressor: zlib }
          sessions: { location: "unix:///run/redis.sock?db=2", timeout: 86400 }
          forever:  { location: "redis://127.0.0.1", timeout: none }
        sessions: { cache_alias: sessions, database: default }
        checks:
          unused-indexes: { maximum_scans: 50 }
        silenced: [indexes.W001, "indexes.W002:public.orders_ix"]
        apps:
          erp: { page_size: 50, mail: { host: localhost } }
        """

    private func read(_ text: String, environment: [String: String] = [:], overrides: [String] = []) -> SettingsResult {
        let file = SettingsFile(path: "millwright.yaml", text: text)
        return Settings.read(file: file, environment: environment, overrides: overrides)
    }

    @Test("A file in the shape of the manual becomes databases, caches, sessions, thresholds and the host's own keys")
    func full() throws {
        let settings = try self.read(Self.full).get()

        let database = try #require(settings.databases["default"])
        #expect(database.url.reveal() == "postgres://app:s3cret@db/erp")
        #expect(database.maximumConnections == 20)
        #expect(database.connectTimeout == .seconds(2))
        #expect(database.maximumAge == .seconds(600))
        #expect(settings.databases["replica"]?.isReadOnly == true)
        #expect(settings.databases["replica"]?.lockTimeout == .milliseconds(500))
        #expect(settings.caches["default"]?.timeout == .seconds(300))
        #expect(settings.caches["sessions"]?.timeout == .seconds(86_400))
        #expect(settings.caches["forever"]?.timeout == nil)
        #expect(settings.caches["default"]?.compressor == "zlib")
        #expect(settings.sessions == SessionSettings(cacheAlias: "sessions", database: "default"))
        #expect(settings.checks == ["unused-indexes": ["maximum_scans": "50"]])
        #expect(settings.silenced == ["indexes.W001", "indexes.W002:public.orders_ix"])
        #expect(settings.apps == ["erp": ["page_size": "50", "mail.host": "localhost"]])
        #expect(settings.file == "millwright.yaml")
    }

    @Test("What a file says of pools reaches the drivers' configurations, PostgreSQL's and Redis'")
    func pools() throws {
        let settings = try self.read(
            """
            databases:
              default:
                url: "postgres://db/erp"
                max_connections: 20
                min_connections: 3
                acquire_timeout: 2s
                conn_max_age: 60s
                conn_idle_timeout: none
            caches:
              default:
                location: "redis://cache"
                max_connections: 7
                min_connections: 2
                acquire_timeout: 300ms
                conn_max_age: 30s
                conn_idle_timeout: 5s
            """
        ).get()

        let database = PostgresConfiguration(try #require(settings.databases["default"]))
        let cache = try RedisConfiguration(try #require(settings.caches["default"]))

        #expect(database.maximumConnections == 20 && database.minimumConnections == 3)
        #expect(database.acquireTimeout == .seconds(2))
        #expect(database.maximumAge == .seconds(60) && database.idleTimeout == nil)
        #expect(cache.maximumConnections == 7 && cache.minimumConnections == 2)
        #expect(cache.acquireTimeout == .milliseconds(300))
        #expect(cache.maximumAge == .seconds(30) && cache.idleTimeout == .seconds(5))
    }

    @Test("What is said of the sessions is read; the emergency switch may come from the environment alone")
    func sessions() throws {
        let file = """
            databases: { default: { url: "postgres://db/erp" } }
            caches: { sessions: { location: "redis://cache" } }
            sessions:
              cache_alias: sessions
              database: default
              idle_lifetime: 1h
              absolute_lifetime: 8h
              reads_without_database: false
              cookie_name: __Host-sid
              cookie_same_site: strict
            """

        let settings = try #require(try self.read(file).get().sessions)
        let switched = try self.read(file, environment: ["MILLWRIGHT_SESSIONS_FAILOVER": "database"]).get()

        #expect(settings.idleLifetime == .seconds(3_600) && settings.absoluteLifetime == .seconds(8 * 3_600))
        #expect(!settings.readsWithoutDatabase && settings.failover == nil)
        #expect(settings.cookieName == "__Host-sid" && settings.cookieSameSite == "strict")
        #expect(switched.sessions?.failover == "database")
    }

    @Test("Without a file and without an environment there are defaults, no database and no cache")
    func nothing() throws {
        let settings = try Settings.read(file: nil).get()

        #expect(settings.databases.isEmpty)
        #expect(settings.caches.isEmpty)
        #expect(settings.sessions == nil)
        #expect(settings.health.budget == .milliseconds(800))
        #expect(settings.sandboxFolder == ".millwright/sandbox")
    }

    @Test("What an alias does not say is the default")
    func defaults() throws {
        let settings = try Settings.read(file: nil, environment: ["DATABASE_URL": "postgres://h/d"]).get()

        let database = try #require(settings.databases["default"])
        #expect(database.statementTimeout == .seconds(20))
        #expect(database.maximumConnections == 10)
        #expect(database.lockTimeout == nil)
        #expect(!database.isReadOnly)
    }

    @Test(
        "A flag wins over MILLWRIGHT_…, which wins over DATABASE_URL, which wins over the file",
        arguments: [
            (
                ["databases.default.url=postgres://flag/d"], ["MILLWRIGHT_DATABASES_DEFAULT_URL", "DATABASE_URL"],
                "flag"
            ),
            ([], ["MILLWRIGHT_DATABASES_DEFAULT_URL", "DATABASE_URL"], "environment"),
            ([], ["DATABASE_URL"], "environment"),
            ([], [], "file"),
        ] as [([String], [String], String)]
    )
    func precedence(overrides: [String], variables: [String], layer: String) throws {
        let environment = Dictionary(uniqueKeysWithValues: variables.map { ($0, "postgres://\($0.lowercased())/d") })
        let text = "databases: { default: { url: \"postgres://file/d\" } }"

        let result = self.read(text, environment: environment, overrides: overrides)

        let value = try #require(result.values.first { $0.key == "databases.default.url" })
        #expect(value.origin.layer == layer)
        let host = overrides.isEmpty ? variables.first?.lowercased() ?? "file" : "flag"
        #expect(value.shown == "postgres://\(host)/d")
    }

    @Test(
        "A variable names a key in capitals, with _ between the parts",
        arguments: [
            ("MILLWRIGHT_DATABASES_DEFAULT_URL", "postgres://h/d", "databases.default.url"),
            ("MILLWRIGHT_DATABASES_DEFAULT_MAX_CONNECTIONS", "7", "databases.default.max_connections"),
            ("MILLWRIGHT_DATABASES_DEFAULT_ACQUIRE_TIMEOUT", "1s", "databases.default.acquire_timeout"),
            ("MILLWRIGHT_CACHES_MY_SITE_KEY_PREFIX", "x", "caches.my-site.key_prefix"),
            ("MILLWRIGHT_CACHES_OTHER_ONE_TIMEOUT", "9s", "caches.other_one.timeout"),
            ("MILLWRIGHT_HEALTH_CHECK_TIMEOUT", "9s", "health.check_timeout"),
            ("MILLWRIGHT_SILENCED", "a.W001,b.W002", "silenced"),
            ("MILLWRIGHT_APPS_ERP_PAGE_SIZE", "9", "apps.erp.page_size"),
            ("MILLWRIGHT_CHECKS_UNUSED_INDEXES_MAXIMUM_SCANS", "9", "checks.unused-indexes.maximum_scans"),
        ]
    )
    func variables(variable: String, text: String, key: String) throws {
        let file = """
            caches: { my-site: { location: "redis://h" } }
            checks: { unused-indexes: { maximum_scans: 50 } }
            """

        let result = self.read(file, environment: [variable: text])

        let value = try #require(result.values.first { $0.key == key })
        #expect(value.origin == .environment(variable: variable))
        #expect(value.shown == text)
    }

    @Test("Every value knows its line")
    func lines() throws {
        let result = self.read(Self.full)

        let origins = Dictionary(uniqueKeysWithValues: result.values.map { ($0.key, $0.origin) })
        #expect(origins["databases.replica.url"] == .file(path: "millwright.yaml", line: 4))
        #expect(origins["databases.replica.max_connections"] == .fallback)
        #expect(origins["apps.erp.page_size"] == .file(path: "millwright.yaml", line: 16))
    }

    @Test("A password is in no value, no description and no reflection")
    func secrets() throws {
        let result = self.read(Self.full, environment: ["REDIS_URL": "redis://u:s3cret@h/0"])

        #expect(!"\(result)".contains("s3cret"))
        #expect(!String(reflecting: result.values).contains("s3cret"))
        #expect(!String(reflecting: result.settings).contains("s3cret"))
        #expect(result.values.contains { $0.shown == "postgres://app:***@db/erp" })
        #expect(result.holdsPasswordInFile)
    }
}
