// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CEpoll
import Glibc
import Synchronization

/// A few threads for calls that cannot help blocking: name look-ups, and cancel requests of libpq before 17.
///
/// A thread is made when there is work and ends when there is none. Work beyond the limit waits its turn.
public final class BlockingThreads: Sendable {
    private struct State {
        var running = 0
        var queue: [@Sendable () -> Void] = []
    }

    private let limit: Int
    private let name: String
    private let state = Mutex(State())

    /// Creates the pool; no thread is made before there is work.
    public init(named name: String, limit: Int) {
        self.name = name
        self.limit = limit
    }

    /// Runs `work` on one of the threads, soon.
    public func run(_ work: @escaping @Sendable () -> Void) {
        let mustStart = self.state.withLock { state in
            state.queue.append(work)
            guard state.running < self.limit else { return false }
            state.running += 1
            return true
        }
        if mustStart { startThread(named: self.name) { self.drain() } }
    }

    private func drain() {
        while true {
            let next = self.state.withLock { state -> (@Sendable () -> Void)? in
                guard !state.queue.isEmpty else {
                    state.running -= 1
                    return nil
                }
                return state.queue.removeFirst()
            }
            guard let next else { return }
            next()
        }
    }
}

/// Starts a detached thread with every signal blocked, so that signals go to the threads that expect them.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        },
        Unmanaged.passRetained(
            Box {
                _ = mw_name_thread(name)
                body()
            }
        ).toOpaque()
    )
    precondition(code == 0, "the system refused a thread")
    pthread_detach(thread)
}
