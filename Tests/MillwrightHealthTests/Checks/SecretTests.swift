// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import HTTPTypes
import Logging
import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Synchronization
import Testing

@testable import MillwrightHealth

@Suite("Secrets and health", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SecretTests {
    private static let password = "p@ss/w%rd 1"
    private static let encoded = "p%40ss%2Fw%25rd%201"

    /// The shapes in which it could leave.
    private static var shapes: [String] {
        let plain = [Self.password, "app:" + Self.password, "nobody:" + Self.password]
        return [Self.password, Self.encoded, Self.encoded.lowercased(), "p@ss", "p%40ss", "w%rd"]
            + plain.map { Data($0.utf8).base64EncodedString().replacing("=", with: "") }
    }

    /// Every way in which the servers can fail to be had, with the password in the address.
    private func checks(_ servers: TestServers, frozen: TestServers) throws -> [any HealthCheck] {
        let socket = try #require(servers.state.url(role: "nobody"))
        let frozenSocket = try #require(frozen.state.url(role: "app"))
        func databases(_ name: String, _ url: String) -> any HealthCheck {
            let server = ReservedConnection(PostgresConfiguration(url))
            return DatabaseHealth(name, server: server, schedule: HealthSchedule(deadline: .seconds(2)))
        }
        func caches(_ name: String, _ url: String) throws -> any HealthCheck {
            CacheHealth(
                CacheAlias(name, endpoint: "test"),
                redis: RedisClient(try RedisConfiguration(url)),
                schedule: HealthSchedule(deadline: .seconds(2))
            )
        }
        let redis = servers.redisURL.replacing("unix://", with: "unix://nobody:\(Self.encoded)@")
        return [
            databases("refused", "postgres://app:\(Self.encoded)@127.0.0.1:1/app"),
            databases("keywords", "host=127.0.0.1 port=1 user=app dbname=app password='\(Self.password)'"),
            databases("unknown_role", socket.replacing("//nobody@", with: "//nobody:\(Self.encoded)@")),
            databases("frozen", frozenSocket.replacing("//app@", with: "//app:\(Self.encoded)@")),
            databases("unknown_host", "postgres://app:\(Self.encoded)@no-such-host.invalid/app"),
            try caches("refused", "redis://app:\(Self.encoded)@127.0.0.1:1/0"),
            try caches("wrong_password", redis),
            try caches("frozen", frozen.redisURL.replacing("unix://", with: "unix://app:\(Self.encoded)@")),
            HostHealth("leaky") { throw Leak() },
        ]
    }

    /// What a host's own check may throw.
    private struct Leak: Error, CustomStringConvertible {
        var description: String { "postgres://app:\(SecretTests.encoded)@db/erp \(SecretTests.password)" }
    }

    @Test("No password leaves in any body, header, report or log line, whatever fails")
    func nothingLeaves() async throws {
        let servers = try await TestServers.shared()
        let frozen = try await TestServers.private(SandboxPlan())
        for name in ["postgres", "redis"] { try await frozen.server(name).stop() }
        let log = CapturedLog()
        let checks = try self.checks(servers, frozen: frozen)
        let engine = try HealthEngine(
            checks,
            groups: [HealthGroup("all", checks: checks.map(\.name))],
            logger: Logger(label: "test") { _ in log }
        )
        await engine.sample()
        await engine.sample()

        let everything = Self.everything(engine) + log.lines.joined(separator: "\n")

        #expect(engine.snapshot().entries.allSatisfy { $0.result.status == .fail })
        #expect(log.lines.contains { $0.contains("Health changed") })
        #expect(Self.shapes.filter { everything.contains($0) } == [])
        for noise in ["127.0.0.1", "no-such-host", servers.sandbox.folder] { #expect(!everything.contains(noise)) }
        for name in ["postgres", "redis"] { try await frozen.server(name).continue() }
        try await frozen.remove()
    }

    /// Every answer in every format, open and closed, and what the command prints.
    private static func everything(_ engine: HealthEngine) -> String {
        var text = ""
        for access in [DetailAccess.nobody, .everybody, DetailAccess(token: Secret(Self.password))] {
            let handler = HealthHandler(engine, access: access)
            for path in [
                "/health_check", "/health_check/all", "/health_check/readyz", "/livez", "/readyz", "/startupz",
            ] {
                for accept in ["application/json", "application/health+json", "text/plain", "text/plain;version=0.0.4"]
                {
                    let fields: HTTPFields = [.accept: accept]
                    let request = HTTPRequest(
                        method: .get,
                        scheme: nil,
                        authority: nil,
                        path: path,
                        headerFields: fields
                    )
                    guard let answer = handler.response(to: request) else { continue }
                    text += "\(answer.head.headerFields) \(answer.body)\n"
                }
            }
            text += "\(access) \(handler)"
        }
        let report = engine.snapshot().report(command: "health_check")

        return text + ReportFormat.allCases.map { report.rendered(as: $0) }.joined()
    }
}

/// Keeps what is logged.
private struct CapturedLog: LogHandler {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    private let kept = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    var lines: [String] { self.kept.all.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        self.kept.all.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
