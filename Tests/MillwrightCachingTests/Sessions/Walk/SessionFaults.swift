// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// What befalls the servers during a walk: one fault after the other, each undone before the next.
struct SessionFaults {
    enum Fault: CaseIterable {
        case pauseRedis, killRedis, restartRedis, failover, flush, pausePostgres, restartPostgres, killPostgres, both
    }

    let group: SessionServers
    var random: SeededRandom
    private(set) var done: [Fault] = []

    init(_ group: SessionServers, seed: UInt64) {
        self.group = group
        self.random = SeededRandom(seed)
    }

    mutating func befall() async throws {
        guard let fault = Fault.allCases.randomElement(using: &self.random) else { return }
        self.done.append(fault)
        switch fault {
        case .pauseRedis: try await self.pause([self.primary()], for: 50...900)
        case .pausePostgres: try await self.pause(["postgres"], for: 50...900)
        case .both: try await self.pause([self.primary(), "postgres"], for: 100...900)
        case .killRedis: try await self.killAndRestart(self.primary())
        case .killPostgres: try await self.killAndRestart("postgres")
        case .restartRedis: try await self.group.servers.server(self.primary()).restart()
        case .restartPostgres: try await self.group.servers.server("postgres").restart()
        case .flush: try await self.group.flush()
        case .failover:
            _ = try? await self.group.servers.withConnection(to: "sentinel-1") {
                _ = try await $0.send(RedisCommand("SENTINEL", "FAILOVER", "main"))
            }
        }
        try await self.rest(100...1_500)
    }

    private mutating func pause(_ names: [String], for span: ClosedRange<Int>) async throws {
        for name in names { try await self.group.servers.server(name).stop() }
        try await self.rest(span)
        for name in names { try await self.group.servers.server(name).continue() }
    }

    private mutating func killAndRestart(_ name: String) async throws {
        try await self.group.servers.server(name).kill()
        try await self.rest(0...1_500)
        try await self.group.servers.server(name).restart()
    }

    private mutating func rest(_ span: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: span, using: &self.random)))
    }

    /// The server that the Sentinels take for the primary.
    private func primary() async throws -> String {
        guard !self.group.servers.sentinelURL.isEmpty else { return "redis" }
        let words = try await self.group.servers.withConnection(to: "sentinel-1") {
            try await $0.send(RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")).decode(as: [String].self)
        }
        let address = RedisConfiguration.Endpoint.tcp(host: "127.0.0.1", port: words.last.flatMap { Int($0) } ?? 0)
        return self.group.servers.name(of: address) ?? "redis"
    }
}
