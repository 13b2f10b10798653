// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One client of a workload.
struct WorkloadClient: Sendable {
    /// What a read from a cache is called among the operations.
    static let cacheRead = "cache_read"

    let number: Int
    let workload: Workload
    let world: World
    let caches: [WorkloadCache]
    /// When the workload began, in seconds since 1970: from then on the caches' reads are counted.
    let beganAt: Int

    /// Works until the time is over.
    func work(on database: PostgresConfiguration, progress: (Double) -> Void) async throws -> Tally {
        let connection = try await PostgresConnection.connect(database)
        do {
            try await connection.execute(
                "SELECT set_config('search_path', quote_ident(\(self.workload.schema)), false)"
            )
            let tally = try await self.work(on: connection, progress: progress)
            await connection.close()
            return tally
        } catch {
            await connection.close()
            throw error
        }
    }

    private func work(on connection: PostgresConnection, progress: (Double) -> Void) async throws -> Tally {
        var random = Random(state: Random.mixed(self.workload.seed &* 1000 &+ UInt64(self.number)))
        var (tally, unflushed) = (Tally(), Tally())
        let traffic = CacheTraffic.all(self.world).filter { one in self.caches.contains { $0.alias == one.group.alias }
        }
        // From here on, because a busy machine may take as long to connect as a short workload lasts.
        let start = ContinuousClock.now
        var flushedAt = start
        while true {
            let now = ContinuousClock.now
            let share = (now - start) / self.workload.duration
            progress(min(1, share))
            if now - flushedAt > .seconds(1) || share >= 1 {
                try await self.flush(&unflushed, into: &tally)
                flushedAt = now
            }
            if share >= 1 { return tally }
            try Task.checkCancellation()
            try await self.read(traffic, &random, &unflushed)
            try await self.operate(on: connection, &random, &unflushed)
        }
    }

    private func operate(on connection: PostgresConnection, _ random: inout Random, _ tally: inout Tally) async throws {
        let operation = Operation.pick(&random)
        let start = ContinuousClock.now
        do {
            try await operation.perform(connection, self.world, &random)
            tally.done(operation.name, in: ContinuousClock.now - start)
        } catch let error as PostgresError where error.code == .queryFailed {
            // A deadlock or a unique key that was there first: counted, and the next person comes.
            tally.failed(operation.name)
        }
    }

    private func read(_ traffic: [CacheTraffic], _ random: inout Random, _ tally: inout Tally) async throws {
        guard !traffic.isEmpty else { return }
        for _ in 0..<Workload.readsPerOperation {
            let one = CacheTraffic.pick(traffic, &random)
            guard let cache = self.caches.first(where: { $0.alias == one.group.alias }) else { continue }
            let key = "\(one.group.name):\(one.key(&random))"
            let start = ContinuousClock.now
            let isHit = try await cache.getOrSet(key, bytes: one.bytes)
            tally.done(Self.cacheRead, in: ContinuousClock.now - start)
            tally.read(one.group, isHit: isHit)
        }
    }

    private func flush(_ pending: inout Tally, into tally: inout Tally) async throws {
        for cache in self.caches { try await cache.count(pending.reads, since: self.beganAt) }
        tally.add(pending)
        pending = Tally()
    }
}
