// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Servers that end sessions, or themselves.
struct PoolFaults<Server: PoolServer>: Sendable {
    let server: Server

    func endedIdle() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 1))
        let first = try await pool.withSession { $0.id }

        try await self.server.end(first)
        try await eventually("the server has ended it") { try await self.server.sessions() == 0 }
        let second = try await pool.withSession { session in
            try await session.use()
            return session.id
        }

        try expect(first != second, "a dead session was lent")
        try await pool.expectAllPlaces()
    }

    func endedLent() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 1))

        let first = try await pool.withSession { session in
            try await self.server.end(session.id)
            try await eventually("its use fails") {
                do {
                    try await session.use()
                    return false
                } catch {
                    return true
                }
            }
            return session.id
        }
        let second = try await pool.withSession { session in
            try await session.use()
            return session.id
        }

        try expect(first != second, "a dead session was lent")
        try await pool.expectAllPlaces()
    }

    func outage() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 2))
        try await pool.withSession { try await $0.use() }

        try await self.server.kill()
        for _ in 0..<20 {
            let caller = await Task { try await pool.withSession { try await $0.use() } }.result
            if case .success = caller { throw PoolConformance.Violation("a server that is down answered") }
        }
        try await pool.expectNobodyIn()
        try await self.server.restart()

        try await eventually("it works again") {
            do {
                try await pool.withSession { try await $0.use() }
                return true
            } catch {
                return false
            }
        }
        try await pool.expectAllPlaces()
    }
}
