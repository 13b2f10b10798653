// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// `SELECT 1`, round trip by round trip, and many in one pipeline.
enum PostgresSelect: Benchmark {
    static let name = "postgres-select"
    static let about =
        "`SELECT 1` on one Unix socket with a deadline on every statement, beside one libpq thread per connection"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let peer = try await Peer.c("postgres-select", libraries: ["pq"])
        var measurements: [Measurement] = []
        for (tasks, goal) in [(1, 0.95), (8, 0.80), (16, 1.0)] {
            let asking = try await Askers(count: tasks, url: servers.superuserURL)
            let pairs = try await Pairs.run(7) {
                try await asking.rate(statementsEach: 24_000 / tasks)
            } other: {
                try await peer.figures([servers.superuserURL, "\(tasks)", "0.6"])[0]
            }
            measurements.append(
                pairs.measurement("SELECT 1, \(tasks) tasks", unit: "/s", goal: .ratioAtLeast(goal))
            )
            await asking.close()
        }
        measurements.append(try await Self.pipelined(servers.superuserURL))
        try await servers.remove()
        return measurements
    }

    /// Batches of 100, beside the same statements one by one.
    private static func pipelined(_ url: String) async throws -> Measurement {
        let asking = try await Askers(count: 1, url: url)
        let batch = Array(repeating: SQL("SELECT 1"), count: 100)
        let pairs = try await Pairs.run(7) {
            try await benchmarks.rate(of: 40_000) {
                try await withTaskExecutorPreference(EventLoop.shared) {
                    for _ in 0..<400 { _ = try await asking.connections[0].query(batch: batch, timeout: .seconds(5)) }
                }
            }
        } other: {
            try await asking.rate(statementsEach: 12_000)
        }
        await asking.close()
        return pairs.measurement("pipelined, beside one by one", unit: "/s", goal: .ratioAtLeast(5))
    }
}

/// Tasks that each ask on a connection of its own; they prefer the loop, as work that is mostly statements should.
struct Askers: Sendable {
    let connections: [PostgresConnection]

    init(count: Int, url: String) async throws {
        var connections: [PostgresConnection] = []
        for _ in 0..<count { connections.append(try await .connect(PostgresConfiguration(url))) }
        self.connections = connections
    }

    func rate(statementsEach count: Int) async throws -> Double {
        try await benchmarks.rate(of: count * self.connections.count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for connection in self.connections {
                    group.addTask(executorPreference: EventLoop.shared) {
                        for _ in 0..<count { _ = try await connection.query("SELECT 1", timeout: .seconds(5)) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    func close() async { for connection in self.connections { await connection.close() } }
}
