// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import FoundationNetworking
import MillwrightSandbox
import MillwrightTesting
import Testing

/// Two processes of the example host that share sessions, on servers of their own that a test may kill.
struct HostedSessions: Sendable {
    /// What came back.
    struct Answer: Sendable {
        var status: Int
        var body: String
        /// The whole field; `nil` where the cookie is left as it is.
        var setCookie: String?
        var vary: String?

        /// The id that the answer's cookie holds.
        var id: String? {
            self.setCookie?.split(separator: ";").first.map { String($0.dropFirst("sessionid=".count)) }
        }

        /// The cookie's attributes, without its name and value.
        var attributes: Set<String> {
            Set(self.setCookie?.split(separator: ";").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) } ?? [])
        }
    }

    let servers: TestServers
    private let environment: [String: String]
    private let ports: [Int]

    /// Lends them while both read sessions from Redis, and ends them.
    static func run(_ body: (HostedSessions) async throws -> Void) async throws {
        let servers = try await TestServers.private(SandboxPlan())
        let environment = [
            "DATABASE_URL": servers.postgresURL, "REDIS_URL": servers.redisURL,
            "MILLWRIGHT_SESSIONS_CACHE_ALIAS": "default", "MILLWRIGHT_SESSIONS_DATABASE": "default",
        ]
        try #require(try await BuiltHost(["migrate"], environment).finished().status == 0)
        let first = try #require(LoopbackPort.free())
        var second = first
        while second == first { second = try #require(LoopbackPort.free()) }
        let hosted = HostedSessions(servers: servers, environment: environment, ports: [first, second])
        let hosts = try hosted.ports.map { try BuiltHost(["runserver", "--port", "\($0)"], environment) }
        defer { for host in hosts { host.kill() } }
        for port in hosted.ports {
            while await ExampleHostTests.status(port, "/readyz") != 200 { try await Task.sleep(for: .milliseconds(20)) }
        }
        try await hosted.awaitRedis()
        try await body(hosted)
        for host in hosts { host.kill() }
        try await servers.remove()
    }

    /// Waits until the command line says that all is well: every node reads from Redis.
    func awaitRedis() async throws {
        let ask = ["session_failover", "status", "--fail-level", "warning"]
        while try await BuiltHost(ask, self.environment).finished().status != 0 {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Sends a request to one of the two.
    func ask(_ host: Int, _ method: String, _ path: String, id: String? = nil) async throws -> Answer {
        let url = try #require(URL(string: "http://127.0.0.1:\(self.ports[host])\(path)"))
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let id { request.setValue("sessionid=\(id)", forHTTPHeaderField: "Cookie") }
        let (data, response) = try await Self.browser.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        return Answer(
            status: answer.statusCode,
            body: String(decoding: data, as: UTF8.self),
            setCookie: answer.value(forHTTPHeaderField: "Set-Cookie"),
            vary: answer.value(forHTTPHeaderField: "Vary")
        )
    }

    /// It keeps no cookies: the tests say which one goes along.
    private static let browser: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        return URLSession(configuration: configuration)
    }()
}
