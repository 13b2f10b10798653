// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightCore
import Synchronization

/// Users who read and write their own session in turn, each at a pace of their own, and what they were told.
final class SessionUsers: Sendable {
    struct Sample: Sendable {
        var at: ContinuousClock.Instant
        var took: Duration
        var isWrite: Bool
        var isWell: Bool
    }

    struct Tally: Sendable {
        var samples: [Sample] = []
        var logouts = 0
        var lostWrites = 0
        var failures = 0
    }

    private let nodes: [SessionStore]
    private let counts = Mutex(Tally())
    private let isOver = Atomic<Bool>(false)

    init(_ nodes: [SessionStore]) { self.nodes = nodes }

    var tally: Tally { self.counts.withLock { $0 } }

    /// Runs users for as long as `body` runs; each makes a request every `pause`, one of `writesEvery` being a write.
    func run(
        _ count: Int,
        pause: Duration,
        writesEvery: Int,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in 0..<count {
                let first = try await self.nodes[user % self.nodes.count].create(["n": .int(0)], user: "\(user)")
                group.addTask { await self.live(user, first, pause, writesEvery) }
            }
            defer { self.isOver.store(true, ordering: .relaxed) }
            try await body()
        }
    }

    private func live(_ user: Int, _ first: Session, _ pause: Duration, _ writesEvery: Int) async {
        var acknowledged = 0
        var turn = user
        try? await Task.sleep(for: pause * Double.random(in: 0..<1))
        while !self.isOver.load(ordering: .relaxed) {
            turn += 1
            let node = self.nodes[turn % self.nodes.count]
            let began = ContinuousClock.now
            let isWrite = turn % writesEvery == 0
            var isWell = false
            do {
                if var session = try await node.read(first.id) {
                    if case .int(let value)? = session["n"], value < acknowledged {
                        self.counts.withLock { $0.lostWrites += 1 }
                    }
                    isWell = true
                    if isWrite {
                        session["n"] = .int(acknowledged + 1)
                        isWell = try await node.save(session) != nil
                        if isWell { acknowledged += 1 }
                    }
                }
                if !isWell { self.counts.withLock { $0.logouts += 1 } }
            } catch {
                self.counts.withLock { $0.failures += 1 }
            }
            let took = began.duration(to: .now)
            let sample = Sample(at: began, took: took, isWrite: isWrite, isWell: isWell)
            self.counts.withLock { $0.samples.append(sample) }
            if took < pause { try? await Task.sleep(for: pause - took) }
        }
        // What was acknowledged must be there at the end as well.
        if case .int(let value)? = try? await self.nodes[0].read(first.id)?["n"], value >= acknowledged { return }
        self.counts.withLock { $0.lostWrites += 1 }
    }
}
