// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightRedis

@Suite("The URL of a Redis behind Sentinels")
struct SentinelURLTests {
    @Test(
        "names the Sentinels, the primary and the database",
        arguments: [
            ("redis+sentinel://a:1,b:2/main/3", ["a:1", "b:2"], 3),
            ("redis+sentinel://a,b/main", ["a:26379", "b:26379"], 0),
            ("redis+sentinel://[::1]:5,[::2]/main/", ["[::1]:5", "[::2]:26379"], 0),
            ("redis+sentinel://a:1/4?master=main", ["a:1"], 4),
            ("redis+sentinel://a:1?master=main&db=5", ["a:1"], 5),
            ("REDIS+SENTINEL://a:1/m%61in", ["a:1"], 0),
        ] as [(String, [String], Int)]
    )
    func names(url: String, hosts: [String], database: Int) throws {
        let configuration = try RedisConfiguration(url)

        #expect(configuration.sentinels?.endpoints.map(\.description) == hosts)
        #expect(configuration.sentinels?.primaryName == "main")
        #expect(configuration.database == database)
    }

    @Test("keeps the password of the servers and the Sentinels' own apart, and shows neither")
    func credentials() throws {
        let configuration = try RedisConfiguration(
            "redis+sentinel://app:one@a,b/main/1?sentinel_username=watcher&sentinel_password=two"
        )

        #expect(configuration.user == "app")
        #expect(configuration.password?.reveal() == "one")
        #expect(configuration.sentinels?.user == "watcher")
        #expect(configuration.sentinels?.password?.reveal() == "two")
        #expect("\(configuration)" == "redis+sentinel://a:26379,b:26379/main/1")
    }

    @Test(
        "is refused where it names nobody, or says of Sentinels what it has none of",
        arguments: [
            "redis+sentinel://a:1", "redis+sentinel:///main", "redis+sentinel://a:x/main",
            "redis+sentinel://a/main/1/2",
            "redis+sentinel://a/main/x", "redis+sentinel://secret@a/main", "redis://a/1?master=main",
            "redis://a/1?sentinel_password=secret", "rediss+sentinel://a/main",
        ]
    )
    func refused(url: String) {
        #expect {
            try RedisConfiguration(url)
        } throws: { error in
            (error as? RedisError)?.code == .usage && !"\(error)".contains("secret")
        }
    }

    @Test("leads to a server that must say that it is the primary")
    func primary() throws {
        var configuration = try RedisConfiguration("redis+sentinel://a/main/1")
        configuration.connectTimeout = .seconds(2)

        let server = configuration.primary(at: .tcp(host: "h", port: 1), within: .milliseconds(20))

        #expect(server.sentinels == nil)
        #expect(server.mustBePrimary)
        #expect(server.connectTimeout == .milliseconds(20))
        #expect("\(server)" == "redis://h:1/1")
    }
}
