// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Callers that are cancelled.
struct PoolCancelling<Server: PoolServer>: Sendable {
    let server: Server

    func whileWaiting() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 1))

        try await pool.withSession { _ in
            let callers = (0..<50).map { _ in Task { try await pool.withSession { _ in } } }
            try await eventually("all wait") { await pool.statistics().waiting == 50 }
            for caller in callers { caller.cancel() }
            for caller in callers {
                if case .success = await caller.result {
                    throw PoolConformance.Violation("a cancelled caller was served")
                }
            }
        }

        try await pool.expectAllPlaces()
    }

    func whileOpening() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 3))

        for round in 0..<40 {
            let callers = (0..<3).map { _ in Task { try await pool.withSession { _ in } } }
            for _ in 0..<round { await Task.yield() }
            for caller in callers { caller.cancel() }
            for caller in callers { _ = await caller.result }
            try await pool.expectNobodyIn()
        }

        try await pool.expectAllPlaces()
        try await eventually("no session is left over") { try await self.server.sessions() == 0 }
    }

    func justServed() async throws {
        let pool = try await self.server.pool(PoolBounds(maximum: 1))

        for round in 0..<200 {
            let caller = try await pool.withSession { session in
                let caller = Task { try await pool.withSession { try await $0.use() } }
                try await eventually("it waits") { await pool.statistics().waiting == 1 }
                return caller
            }
            for _ in 0..<(round % 5) { await Task.yield() }
            caller.cancel()
            _ = await caller.result
            try await pool.expectNobodyIn()
        }

        try await pool.expectAllPlaces()
    }
}
