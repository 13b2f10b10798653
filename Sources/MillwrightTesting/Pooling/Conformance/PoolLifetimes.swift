// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// How long connections live.
struct PoolLifetimes<Server: PoolServer>: Sendable {
    let server: Server

    func drained() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 2))
        let drain = try await pool.withSession { session in
            let drain = Task { await pool.drain(within: .seconds(20)) }
            try await eventually("nobody is taken in") { await !self.isOpen(pool) }
            try await session.use()
            return drain
        }

        await drain.value

        try await pool.expectNobodyIn()
        try await eventually("no session is left over") { try await self.server.sessions() == 0 }
    }

    func drainedLate() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 1))

        let isUsable = try await pool.withSession { session in
            await pool.drain(within: .milliseconds(20))
            do {
                try await session.use()
                return true
            } catch {
                return false
            }
        }

        try expect(!isUsable, "a session outlived its pool")
        try await pool.expectNobodyIn()
        try await eventually("no session is left over") { try await self.server.sessions() == 0 }
    }

    func minimum() async throws {
        var bounds = PoolBounds(maximum: 4)
        bounds.minimum = 3
        bounds.checkAfter = .milliseconds(50)
        let pool = try await self.server.pool(bounds)

        let first = try await pool.withSession { $0.id }
        try await eventually("the minimum is open") { await pool.statistics().idle == 3 }
        try await self.server.end(first)
        try await eventually("another was opened") { await pool.statistics().counts.opened == 4 }
        try await eventually("the minimum is open again") { await pool.statistics().idle == 3 }

        await pool.drain(within: .seconds(10))
        try await eventually("no session is left over") { try await self.server.sessions() == 0 }
    }

    func maximumAge() async throws {
        var bounds = PoolBounds(maximum: 1)
        bounds.maximumAge = .milliseconds(50)
        let pool = try await self.server.pool(bounds)
        let first = try await pool.withSession { $0.id }

        try await eventually("it is replaced") { try await pool.withSession { $0.id } != first }

        let closed = await pool.statistics().counts.closed
        try expect(closed.keys.allSatisfy { $0 == .age }, "closed for \(closed)")
        try await pool.expectAllPlaces()
    }

    private func isOpen(_ pool: Server.Pool) async -> Bool {
        do {
            try await pool.withSession { _ in }
            return true
        } catch {
            return false
        }
    }
}
