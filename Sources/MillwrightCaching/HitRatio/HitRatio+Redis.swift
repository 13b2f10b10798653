// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightRedis

extension Cache {
    /// Adds what was counted here to the counts of all processes, in one round trip.
    ///
    /// - Throws: `RedisError`; what could not be added is kept and added the next time, and nothing is added twice.
    public func flushCounts() async throws {
        let counts = self.counters.take()
        guard !counts.isEmpty else { return }
        let name = HitRatio.storedName(alias: self.alias.name)
        var commands = [RedisCommand("HSETNX", name, HitRatio.sinceField, Self.now)]
        let increments = HitRatio.increments(of: counts)
        commands += increments.map { RedisCommand("HINCRBY", name, $0.field, $0.by) }
        let answers: [RedisValue]
        do { answers = try await self.redis.pipeline(commands) } catch {
            // After a timeout the increments may have landed; adding them twice would be worse than losing one batch.
            if (error as? RedisError)?.mayHaveRun != true { self.counters.putBack(counts) }
            throw error
        }
        // Each is refused by itself, as where its field holds no number; the others have landed.
        let refused = zip(increments, answers.dropFirst()).compactMap { increment, answer in
            if case .error(let error) = answer { (increment, error) } else { nil }
        }
        self.counters.putBack(HitRatio.counts(of: refused.map(\.0)))
        if let error = refused.first?.1 { throw error }
    }

    /// Adds the counts every so often until the task is cancelled, and once more then; run it beside the application.
    ///
    /// An outage is not reported from here: the reads themselves count it.
    public func flushCounts(every interval: Duration) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            try? await self.flushCounts()
        }
        // A cancelled task cannot send any more, so the last batch goes out in one that is not.
        await Task { try? await self.flushCounts() }.value
    }

    /// The counts of all processes.
    public func hitRatio() async throws -> HitRatio { try await HitRatio(of: self.alias, redis: self.redis) }

    private static var now: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return String(Double(time.tv_sec))
    }
}

extension HitRatio {
    /// Reads the counts of an alias.
    init(of alias: CacheAlias, redis: any RedisSending) async throws {
        let answer = try await redis.send(RedisCommand("HGETALL", HitRatio.storedName(alias: alias.name)))
        self.init(fields: try answer.decode(as: [String: String].self))
    }
}
