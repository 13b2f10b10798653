// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightRedis

@Suite("The URL of a Redis")
struct RedisConfigurationTests {
    @Test(
        "names where the server listens and which database",
        arguments: [
            ("redis://cache.example:6380/2", .tcp(host: "cache.example", port: 6_380), 2),
            ("redis://cache.example", .tcp(host: "cache.example", port: 6_379), 0),
            ("redis://", .tcp(host: "127.0.0.1", port: 6_379), 0),
            ("redis:///1", .tcp(host: "127.0.0.1", port: 6_379), 1),
            ("redis://h/?db=4", .tcp(host: "h", port: 6_379), 4),
            ("REDIS://[::1]:7000/", .tcp(host: "::1", port: 7_000), 0),
            ("redis://[fe80::1]", .tcp(host: "fe80::1", port: 6_379), 0),
            ("unix:///run/redis.sock?db=1", .unix(path: "/run/redis.sock"), 1),
            ("unix:///run/a%20b%25.sock", .unix(path: "/run/a b%.sock"), 0),
        ] as [(String, RedisConfiguration.Endpoint, Int)]
    )
    func endpoints(url: String, endpoint: RedisConfiguration.Endpoint, database: Int) throws {
        let configuration = try RedisConfiguration(url)

        #expect(configuration.endpoint == endpoint)
        #expect(configuration.database == database)
        #expect(configuration.password == nil)
    }

    @Test(
        "gives user and password, percent-decoded",
        arguments: [
            ("redis://:secret@h", nil, "secret"),
            ("redis://app:p%40ss%3A%2F%25@h:1/0", "app", "p@ss:/%"),
            ("redis://app:a@b:c@h", "app", "a@b:c"),
            ("redis://h?username=app&password=x%26y", "app", "x&y"),
            ("unix://app:secret@/run/redis.sock", "app", "secret"),
            ("redis://gr%C3%BCn:%C3%BC@h", "grün", "ü"),
        ] as [(String, String?, String)]
    )
    func credentials(url: String, user: String?, password: String) throws {
        let configuration = try RedisConfiguration(url)

        #expect(configuration.user == user)
        #expect(configuration.password?.reveal() == password)
        #expect(!"\(configuration)".contains(password))
        #expect(!String(reflecting: configuration.password).contains(password))
    }

    @Test(
        "is refused where it is wrong, without being quoted",
        arguments: [
            "", "h:6379", "http://h", "redis://:topsecret@h:port", "redis://:topsecret@h:0",
            "redis://:topsecret@h:65536",
            "redis://:topsecret@h/x", "redis://:topsecret@h/-1", "redis://topsecret@h", "redis://:topsecret@[::1",
            "redis://:topsecret@[::1]x", "redis://:topsecret%zz@h", "redis://:topsecret%@h", "redis://:topsecret%00@h",
            "redis://:topsecret%FF@h", "redis://:topsecret@h?color=red", "unix://relative/path", "unix://:topsecret@",
            "unix:///" + String(repeating: "x", count: 107),
        ]
    )
    func refused(url: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url) }

        #expect(error.code == .usage)
        #expect(!error.debugDescription.contains("topsecret"))
        #expect(error.hint?.hasSuffix(".") == true)
    }

    @Test("names the protocol to speak")
    func protocols() throws {
        #expect(try RedisConfiguration("redis://h?protocol=2").protocolVersion == .resp2)
        #expect(try RedisConfiguration("redis://h?protocol=3").protocolVersion == .newest)
        #expect(try RedisConfiguration("redis://h").protocolVersion == .newest)
        #expect(throws: RedisError.self) { try RedisConfiguration("redis://h?protocol=4") }
    }

    #if RedisTLS
    @Test("asking for TLS says whom to trust")
    func tls() throws {
        let url = "rediss://h?ssl_ca_certs=/a%20b.pem&ssl_certfile=/c&ssl_keyfile=/k&ssl_cert_reqs=none"

        let expected = RedisTLSSettings(authorities: "/a b.pem", certificate: "/c", key: "/k", verifiesServer: false)
        #expect(try RedisConfiguration(url).tls == expected)
        #expect(try RedisConfiguration("rediss://h").tls == RedisTLSSettings())
        #expect("\(try RedisConfiguration("rediss://:secret@h"))" == "rediss://h:6379")
    }
    #else
    @Test("asking for TLS is refused with what to install and to turn on")
    func tls() throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration("rediss://:topsecret@h") }

        #expect(error.code == .usage)
        #expect(error.description.contains("stunnel4"))
        #expect(error.description.contains("swift build --traits RedisTLS"))
        #expect(!error.debugDescription.contains("topsecret"))
    }

    @Test("asked for in code, TLS is refused when connecting, not left out")
    func tlsInCode() async throws {
        var configuration = try await SharedRedis.database()
        configuration.tls = RedisTLSSettings()

        let error = await redisError { _ = try await RedisConnection.connect(configuration) }

        #expect(error?.code == .usage)
    }
    #endif

    @Test("refuses options of TLS where it asks for none")
    func idleOptions() {
        #expect(throws: RedisError.self) { try RedisConfiguration("redis://h?ssl_ca_certs=/a.pem") }
    }

    @Test("is described without user and password")
    func described() throws {
        #expect("\(try RedisConfiguration("redis://a:b@h:1/2"))" == "redis://h:1/2")
        #expect("\(try RedisConfiguration("redis://[::1]"))" == "redis://[::1]:6379")
        #expect("\(try RedisConfiguration("unix:///s?db=3"))" == "unix:///s?db=3")
    }
}
