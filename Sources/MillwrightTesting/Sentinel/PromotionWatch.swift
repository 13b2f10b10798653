// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import MillwrightSandbox

extension TestServers {
    /// Waits until one of the servers says that it is the primary, asking each every few milliseconds.
    ///
    /// - Returns: its name, and when it said so.
    public func promotion(
        among names: [String],
        within limit: Duration = .seconds(30)
    ) async throws -> (name: String, at: ContinuousClock.Instant) {
        try await withThrowingTaskGroup(of: (String, ContinuousClock.Instant).self) { group in
            for name in names {
                group.addTask {
                    try await self.awaitPrimary(name, before: .now + limit)
                    return (name, .now)
                }
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw RedisError(.noPrimary) }
            return first
        }
    }

    /// Waits until a Sentinel names another primary than this one, and returns when it did.
    public func naming(otherThan name: String, within limit: Duration = .seconds(30)) async throws
        -> ContinuousClock.Instant
    {
        let old = self.address(of: name)
        let end = ContinuousClock.now + limit
        return try await withThrowingTaskGroup(of: ContinuousClock.Instant.self) { group in
            for sentinel in self.state.servers.map(\.name) where sentinel.hasPrefix("sentinel") {
                group.addTask {
                    try await self.withConnection(to: sentinel) { connection in
                        let question = RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
                        while ContinuousClock.now < end {
                            let words = try await connection.send(question).decode(as: [String].self)
                            if words.last != "\(old)".split(separator: ":").last.map(String.init) { return .now }
                            try await Task.sleep(for: .milliseconds(3))
                        }
                        throw RedisError(.timedOut, hint: "No Sentinel named another primary.")
                    }
                }
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw RedisError(.noPrimary) }
            return first
        }
    }

    /// Waits until a server follows another and has all its data.
    public func awaitReplica(_ name: String, within limit: Duration = .seconds(30)) async throws {
        try await self.poll(name, before: .now + limit) { role in
            if case .replica(_, _, "connected", _) = role { true } else { false }
        }
    }

    private func awaitPrimary(_ name: String, before end: ContinuousClock.Instant) async throws {
        try await self.poll(name, before: end) { role in if case .primary = role { true } else { false } }
    }

    private func poll(
        _ name: String,
        before end: ContinuousClock.Instant,
        until condition: (RedisRole) -> Bool
    ) async throws {
        while ContinuousClock.now < end {
            // A promotion hangs up on every client of the server, so that a question may fail.
            let isMet = try? await self.withConnection(to: name) { connection in
                while ContinuousClock.now < end {
                    if condition(try await connection.role()) { return true }
                    try await Task.sleep(for: .milliseconds(3))
                }
                return false
            }
            if isMet == true { return }
            try await Task.sleep(for: .milliseconds(3))
        }
        throw RedisError(.timedOut, hint: "\(name) kept its role.")
    }
}
