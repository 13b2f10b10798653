// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightTesting
import Synchronization

@testable import MillwrightCaching

/// Clients that log in, read, write and log out at random on several nodes, while faults befall the servers.
final class SessionWalk: Sendable {
    struct Tally {
        var steps = 0
        var faults = 0
        var areFaultsOver = false
        var logins = 0
        var reads = 0
        var writes = 0
        var logouts = 0
        /// Requests that were answered with *unavailable*.
        var unavailable = 0
        var violations: [String] = []
        var longest = Duration.zero
    }

    /// What one request may cost, beside the time in which the whole machine stands still.
    ///
    /// Redis's timeout, then a connection to PostgreSQL and a statement there, with the leases that a write waits for: 0.25 + 1 + 1 + 0.4 s,
    /// and what a busy machine adds. Where every step took all of its time a request could take longer; that is rarer than this walk meets.
    private static let mostPatience = Duration.seconds(3)

    private let nodes: [SessionStore]
    private let seed: UInt64
    private let steps: Int
    private let faults: Int
    private let counts = Mutex(Tally())
    private let metronome = Metronome()

    /// Creates a walk that is over after so many steps and so many faults.
    init(_ nodes: [SessionStore], seed: UInt64, steps: Int, faults: Int) {
        self.faults = faults
        self.nodes = nodes
        self.seed = seed
        self.steps = steps
    }

    var tally: Tally { self.counts.withLock { $0 } }

    var isOver: Bool {
        self.counts.withLock { $0.steps >= self.steps && ($0.faults >= self.faults || $0.areFaultsOver) }
    }

    func fault() { self.counts.withLock { $0.faults += 1 } }

    func endFaults() { self.counts.withLock { $0.areFaultsOver = true } }

    /// Runs clients until so many steps were done; each looks at all its sessions once more after `calm`.
    func run(clients: Int, calm: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: [SessionLedger].self) { group in
            for client in 0..<clients {
                group.addTask { await self.walk(SeededRandom(self.seed &* 1_000 &+ UInt64(client))) }
            }
            var ledgers: [SessionLedger] = []
            for try await more in group { ledgers += more }
            try await calm()
            for ledger in ledgers { await self.look(at: ledger) }
        }
    }

    private func walk(_ random: SeededRandom) async -> [SessionLedger] {
        var random = random
        var ledgers: [SessionLedger] = []
        while !self.isOver {
            self.counts.withLock { $0.steps += 1 }
            let node = self.nodes[Int.random(in: 0..<self.nodes.count, using: &random)]
            let began = ContinuousClock.now
            let draw = Int.random(in: 0..<100, using: &random)
            if ledgers.isEmpty || draw < 6, ledgers.count < 40 {
                await self.login(node, &ledgers)
            } else {
                let index = Int.random(in: 0..<ledgers.count, using: &random)
                switch draw {
                case ..<62: await self.read(node, &ledgers[index])
                case ..<94: await self.write(node, &ledgers[index])
                default: await self.logout(node, &ledgers[index])
                }
            }
            let took = began.duration(to: .now)
            self.counts.withLock { $0.longest = max($0.longest, took) }
            // As fast as people click is far too slow, as fast as it goes leaves no time for faults.
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0...6, using: &random)))
        }
        self.note(ledgers)
        return ledgers
    }

    private func login(_ node: SessionStore, _ ledgers: inout [SessionLedger]) async {
        let answer = await self.answer("login") { try await node.create(["n": .int(0)], user: "walker") }
        guard let session = answer else { return }
        ledgers.append(SessionLedger(session, value: 0))
        self.counts.withLock { $0.logins += 1 }
    }

    private func read(_ node: SessionStore, _ ledger: inout SessionLedger) async {
        let id = ledger.id
        guard let session = await self.answer("read", { try await node.read(id) }) else { return }
        ledger.read(session)
        self.counts.withLock { $0.reads += 1 }
    }

    private func write(_ node: SessionStore, _ ledger: inout SessionLedger) async {
        let id = ledger.id
        guard let found = await self.answer("read", { try await node.read(id) }) else { return }
        ledger.read(found)
        guard var session = found else { return }
        let value = ledger.nextValue()
        session["n"] = .int(value)
        let change = session
        let answer = await self.answer("write") { try await node.save(change) }
        guard let saved = answer else { return ledger.saveFailed() }
        ledger.saved(saved, value: value)
        self.counts.withLock { $0.writes += 1 }
    }

    private func logout(_ node: SessionStore, _ ledger: inout SessionLedger) async {
        let id = ledger.id
        ledger.deletionSent()
        guard await self.answer("logout", { try await node.delete(id) }) != nil else { return }
        ledger.deleted()
        self.counts.withLock { $0.logouts += 1 }
    }

    /// The answer, or `nil` where the store said that it cannot say.
    private func answer<Value: Sendable>(_ request: String, _ body: () async throws -> Value) async -> Value? {
        let began = ContinuousClock.now
        let stood = self.metronome.stoodStill
        var end = "answered"
        defer {
            let took = began.duration(to: .now)
            let stoodStill = self.metronome.stoodStill - stood
            if took > Self.mostPatience + stoodStill {
                let late = "I6: a \(request) took \(took), the machine stood still for \(stoodStill): \(end)"
                self.counts.withLock { $0.violations.append(late) }
            }
        }
        do {
            return try await body()
        } catch let error as SessionError where error.code == .unavailable {
            end = "\(error)"
            self.counts.withLock { $0.unavailable += 1 }
        } catch {
            self.counts.withLock { $0.violations.append("I8: thrown was \(error)") }
        }
        return nil
    }

    private func look(at ledger: SessionLedger) async {
        for node in self.nodes {
            var ledger = ledger
            let id = ledger.id
            let before = ledger.violations.count
            guard let session = await self.answer("read", { try await node.read(id) }) else {
                self.counts.withLock { $0.violations.append("a session could not be read after the faults") }
                continue
            }
            ledger.read(session)
            let new = ledger.violations.dropFirst(before)
            self.counts.withLock { $0.violations += new }
        }
    }

    private func note(_ ledgers: [SessionLedger]) {
        self.counts.withLock { $0.violations += ledgers.flatMap(\.violations) }
    }
}
