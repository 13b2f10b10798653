// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightIO
import MillwrightPostgres
import MillwrightTesting
import Synchronization
import Testing

@Suite("A connection that is let go without close", .timeLimit(.minutes(2)))
struct LetGoTests {
    /// The last reference to a connection, for the loop to let go.
    private final class Holder: Sendable {
        private struct References {
            var own: PostgresConnection?
            weak var weak: PostgresConnection?
        }
        private let references: Mutex<References>
        let mayGoOn = Atomic(false)

        init(_ connection: PostgresConnection) {
            self.references = Mutex(References(own: connection, weak: connection))
        }

        var isLastReference: Bool { self.references.withLock { isKnownUniquelyReferenced(&$0.own) } }
        var isFreed: Bool { self.references.withLock { $0.weak == nil } }
        func letGo() { self.references.withLock { $0.own = nil } }
    }

    @Test("Let go in the turn that has its bytes, it is freed and nobody calls it")
    func amongEvents() async throws {
        let loop = EventLoop()
        let configuration = try await testConfiguration(TestServers.shared().superuserURL)
        let other = try await PostgresConnection.connect(configuration)
        let (holder, pid) = try await self.held(configuration, on: loop)
        try await until { holder.isLastReference }
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])

        // Held up until both can be read, the loop delivers in one turn, in the order in which they came.
        async let turn: Void = self.onLoop(loop) {
            loop.watch(reading, for: .read) { _ in
                loop.unwatch(reading)
                holder.letGo()
            }
            while !holder.mayGoOn.load(ordering: .acquiring) { usleep(1_000) }
        }
        try #require(write(writing, "x", 1) == 1)
        try await other.execute("SELECT pg_terminate_backend(\(pid), 10000)")
        holder.mayGoOn.store(true, ordering: .releasing)
        await turn
        try await until { holder.isFreed }

        await self.onLoop(loop) {}  // it has gone on
        for end in ends { close(end) }
        await other.close()
    }

    private func held(
        _ configuration: PostgresConfiguration,
        on loop: EventLoop
    ) async throws -> (Holder, pid: Int32) {
        let connection = try await PostgresConnection.connect(configuration, on: loop)
        return (Holder(connection), await connection.backendPID)
    }

    private func onLoop(_ loop: EventLoop, _ body: @escaping @Sendable () -> Void) async {
        await Task(executorPreference: loop) { body() }.value
    }
}
