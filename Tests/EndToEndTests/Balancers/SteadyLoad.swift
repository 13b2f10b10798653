// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Synchronization

/// So many requests a second, until it is told to end; every answer but 200 is kept as a failure.
final class SteadyLoad: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        var requests = 0
        var failures: [String] = []
    }

    private static let threads = 8
    private let outcome = Mutex(Outcome())
    private let isOver = Atomic(false)
    private let ended: AsyncStream<Void>

    /// Starts `perSecond` requests a second for `path`, from eight clients that keep their connections.
    init(port: Int, path: String, perSecond: Int) {
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        self.ended = ended
        let pause = Double(Self.threads) / Double(perSecond)
        for number in 0..<Self.threads {
            Thread.detachNewThread {
                // Spread over the pause, so that they do not come in bursts.
                Thread.sleep(forTimeInterval: pause * Double(number) / Double(Self.threads))
                self.ask(port: port, path: path, every: pause)
                end.yield()
            }
        }
    }

    /// Ends it and returns what came of it.
    func end() async -> Outcome {
        self.isOver.store(true, ordering: .relaxed)
        var running = Self.threads
        for await _ in self.ended {
            running -= 1
            if running == 0 { break }
        }
        return self.outcome.withLock { $0 }
    }

    private func ask(port: Int, path: String, every pause: Double) {
        var next = Date()
        while !self.isOver.load(ordering: .relaxed) {
            do throws(HTTPConnection.Trouble) {
                let connection = try HTTPConnection(port: port)
                while !self.isOver.load(ordering: .relaxed) {
                    next += pause
                    Thread.sleep(until: next)
                    let (status, isLast) = try connection.get(path)
                    self.count(status == 200 ? nil : "status \(status)")
                    if isLast { break }
                }
            } catch {
                self.count(error.what)
            }
        }
    }

    private func count(_ failure: String?) {
        self.outcome.withLock { outcome in
            outcome.requests += 1
            if let failure { outcome.failures.append(failure) }
        }
    }
}
