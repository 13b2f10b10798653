// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CEpoll
import Glibc
import Synchronization

/// A few threads for calls that cannot help blocking: name look-ups, and cancel requests of libpq before 17.
///
/// A thread is made when there is work and ends when there is none. Work beyond the limit waits its turn, and so does all work
/// while the system refuses a thread, as where the number of processes is limited.
public final class BlockingThreads: Sendable {
    private struct State {
        var running = 0
        var queue: [@Sendable () -> Void] = []
    }

    /// Starts a thread with a name; false where the system refuses it.
    typealias Starting = @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool

    /// After so long the system is asked again for a thread that it refused.
    private static let pause = Duration.milliseconds(100)

    private let limit: Int
    private let name: String
    private let starting: Starting
    private let state = Mutex(State())

    /// Creates the pool; no thread is made before there is work.
    public convenience init(named name: String, limit: Int) {
        self.init(named: name, limit: limit) { startThread(named: $0, $1) }
    }

    init(named name: String, limit: Int, starting: @escaping Starting) {
        self.name = name
        self.limit = limit
        self.starting = starting
    }

    /// Runs `work` on one of the threads, soon.
    public func run(_ work: @escaping @Sendable () -> Void) {
        let mustStart = self.state.withLock { state in
            state.queue.append(work)
            guard state.running < self.limit else { return false }
            state.running += 1
            return true
        }
        if mustStart { self.start() }
    }

    /// Starts a thread that has been counted.
    ///
    /// Where it is refused, those that run take its work; where none does, it is asked for again until there is one.
    private func start() {
        if self.starting(self.name, { self.drain() }) { return }
        let isAlone = self.state.withLock { state in
            if state.running == 1 { return true }
            state.running -= 1
            return false
        }
        guard isAlone else { return }
        Task {
            try? await Task.sleep(for: Self.pause)
            self.start()
        }
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
///
/// - Returns: false where the system refuses a thread.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

    let box = Unmanaged.passRetained(
        Box {
            _ = mw_name_thread(name)
            body()
        }
    )
    var thread = pthread_t()
    let code = pthread_create(
        &thread,
        nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        },
        box.toOpaque()
    )
    guard code == 0 else {
        box.release()
        return false
    }
    pthread_detach(thread)
    return true
}
