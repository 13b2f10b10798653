// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightRedis
import MillwrightToolkit
import Testing

@Suite("Opening what the settings name")
struct ToolkitTests {
    private func toolkit(_ environment: [String: String]) throws -> Toolkit {
        Toolkit(settings: try Settings.read(file: nil, environment: environment).get())
    }

    @Test("An alias is opened once, and only when it is asked for")
    func once() async throws {
        let toolkit = try self.toolkit(["DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"])

        let one = try toolkit.database()
        let other = try toolkit.database("default")

        #expect(one === other)
        await toolkit.close()
    }

    @Test("An unknown alias is an error that names the nearest")
    func unknown() throws {
        let toolkit = try self.toolkit([
            "DATABASE_URL": "postgres://h/d", "MILLWRIGHT_DATABASES_REPLICA_URL": "postgres://r/d",
        ])

        let error = #expect(throws: ToolError.self) { try toolkit.database("replca") }

        #expect(error?.code == .settings)
        #expect(error?.next == "Did you mean `replica`?")
    }

    @Test("A cache behind Sentinels is named by the primary's name, as Django projects do, or by a URL of its own")
    func sentinels() throws {
        let text = """
            caches:
              default:
                location: "redis://app:one@main/3"
                sentinels: ["10.0.0.1:5", "10.0.0.2"]
                sentinel_user: watcher
                sentinel_password: two
              url: { location: "redis+sentinel://10.0.0.1:5,10.0.0.2/main/3" }
            """
        let settings = try Settings.read(file: SettingsFile(path: "m.yaml", text: text)).get()

        let listed = try RedisConfiguration(try #require(settings.caches["default"]))
        let url = try RedisConfiguration(try #require(settings.caches["url"]))

        #expect("\(listed)" == "redis+sentinel://10.0.0.1:5,10.0.0.2:26379/main/3")
        #expect("\(url)" == "\(listed)")
        #expect(listed.user == "app" && listed.password?.reveal() == "one")
        #expect(listed.sentinels?.user == "watcher" && listed.sentinels?.password?.reveal() == "two")
    }

    @Test("Where no database is named, the error says how to name one")
    func none() throws {
        let toolkit = try self.toolkit([:])

        let database = #expect(throws: ToolError.self) { try toolkit.databaseSettings() }
        let cache = #expect(throws: ToolError.self) { try toolkit.cacheSettings() }

        #expect(database?.next == "Write `databases.default.url` in millwright.yaml, or set DATABASE_URL.")
        #expect(cache?.next == "Write `caches.default.location` in millwright.yaml, or set REDIS_URL.")
    }
}
