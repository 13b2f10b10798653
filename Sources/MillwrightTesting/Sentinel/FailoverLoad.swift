// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightRedis
import Synchronization

/// Tasks that write and read through one client while its servers are put through faults, and what they saw.
///
/// Each value says who wrote it and when it was handed to the client, so that a ``CommandTap`` on a deposed primary can tell
/// whether it was written too late.
///
/// ```swift
/// import MillwrightRedis
///
/// let redis = RedisClient(try RedisConfiguration("redis://127.0.0.1:6379"))
/// let load = FailoverLoad(redis)
/// try await load.run(tasks: 16) { try await redis.ping() }
/// print(load.tally.acknowledged)
/// await redis.close()
/// ```
public final class FailoverLoad: Sendable {
    /// What became of the writes.
    public struct Tally: Sendable, Hashable {
        /// Written, and read back in the same breath.
        public var acknowledged = 0
        /// Failed, and may have been written.
        public var uncertain = 0
        /// Failed, and were certainly not written.
        public var refused = 0
        /// Answered with something else than what was asked for: never.
        public var mismatched = 0
        /// Answered by a replica that would not write.
        public var readOnly = 0
        /// The longest that a call took.
        public var longest = Duration.zero
        /// When a write was last acknowledged.
        public var lastAcknowledged: ContinuousClock.Instant?
    }

    /// What every key of the load begins with.
    public static let keyPrefix = "failover:"
    /// What the stamps in the values count from.
    public let start = ContinuousClock.now
    private let client: RedisClient
    private let counts = Mutex(Tally())
    private let isOver = Atomic<Bool>(false)

    /// Prepares a load over a client.
    public init(_ client: RedisClient) { self.client = client }

    /// What was seen so far.
    public var tally: Tally { self.counts.withLock { $0 } }

    /// Runs the load for as long as `body` runs.
    public func run(tasks: Int, _ body: @Sendable () async throws -> Void) async throws {
        self.isOver.store(false, ordering: .relaxed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks { group.addTask { await self.work(task) } }
            defer { self.isOver.store(true, ordering: .relaxed) }
            try await body()
        }
    }

    private func work(_ task: Int) async {
        var number = 0
        while !self.isOver.load(ordering: .relaxed) {
            number += 1
            await self.writeOnce(task, number)
            // A thousand writes a second each are enough, and a refusal comes at once.
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    private func writeOnce(_ task: Int, _ number: Int) async {
        let begin = ContinuousClock.now
        let value = "\(task):\(number):\(self.start.duration(to: begin) / .nanoseconds(1))"
        let key = "\(Self.keyPrefix)\(task)"
        let set = RedisCommand("SET", key, value)
        let result: Result<[RedisValue], any Error>
        do {
            result = .success(try await self.client.transaction([set, RedisCommand("GET", key)]))
        } catch {
            result = .failure(error)
        }
        self.count(result, value: value, took: begin.duration(to: .now))
    }

    private func count(_ result: Result<[RedisValue], any Error>, value: String, took: Duration) {
        self.counts.withLock { tally in
            tally.longest = max(tally.longest, took)
            switch result {
            case .success([.status("OK"), .bulk(Array(value.utf8))]):
                tally.acknowledged += 1
                tally.lastAcknowledged = .now
            case .success: tally.mismatched += 1
            case .failure(let error as RedisError):
                if error.code == .readOnly { tally.readOnly += 1 }
                if error.mayHaveRun { tally.uncertain += 1 } else { tally.refused += 1 }
            case .failure: tally.mismatched += 1
            }
        }
    }
}
