// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Synchronization

/// Who gets a connection, and when.
struct PoolLending<Server: PoolServer>: Sendable {
    let server: Server

    func bounded() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 3))
        let books = SessionBooks()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 { group.addTask { try await pool.withSession { try await books.visit($0) } } }
            try await group.waitForAll()
        }

        try expect(books.seen <= 3, "\(books.seen) sessions")
        let sessions = try await self.server.sessions()
        try expect(sessions <= 3, "\(sessions) sessions on the server")
        try await pool.expectAllPlaces()
    }

    func inTurn() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 1))
        let order = ServedOrder()

        let callers = try await pool.withSession { _ in
            var callers: [Task<Void, any Error>] = []
            for number in 0..<20 {
                callers.append(Task { try await pool.withSession { _ in order.append(number) } })
                try await eventually("caller \(number) waits") { await pool.statistics().waiting == number + 1 }
            }
            return callers
        }
        for caller in callers { try await caller.value }

        let served = order.numbers
        try expect(served == Array(0..<20), "served in the order \(served)")
        try await pool.expectAllPlaces()
    }

    func deadline() async throws {
        var bounds = PoolBounds(maximum: 1)
        bounds.acquireTimeout = .milliseconds(50)
        let pool = try await self.server.pool(bounds)

        try await pool.withSession { session in
            let late = await Task { try await pool.withSession { _ in } }.result
            if case .success = late { throw PoolConformance.Violation("one connection was lent to two") }
            try await session.use()
        }

        try await pool.withSession { try await $0.use() }
        try await pool.expectAllPlaces()
    }

    func race() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 3))
        let books = SessionBooks()

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let caller = Task { try await pool.withSession { try await books.visit($0) } }
                    if !number.isMultiple(of: 3) {
                        for _ in 0..<(number % 17) { await Task.yield() }
                        caller.cancel()
                    }
                    if case .failure(let error) = await caller.result, error is PoolConformance.Violation {
                        throw error
                    }
                }
            }
            try await group.waitForAll()
        }

        try await pool.expectAllPlaces()
        try await eventually("no session is left over") { try await self.server.sessions() == 0 }
    }
}

/// Who was served, in the order in which they were.
private final class ServedOrder: Sendable {
    private let all = Mutex<[Int]>([])
    var numbers: [Int] { self.all.withLock { $0 } }
    func append(_ number: Int) { self.all.withLock { $0.append(number) } }
}
