// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Dispatch
import Glibc
import MillwrightCore
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as values; nothing runs inside a signal handler.
final class SignalFeed {
    /// The signals, in the order they came.
    let signals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]
    private static let isHandedOver = Atomic(false)

    private init(signals: AsyncStream<Int32>, sources: [any DispatchSourceSignal]) {
        self.signals = signals
        self.sources = sources
    }

    /// Passes over signals from now on, for a command that listens itself: a server that drains takes longer than the
    /// grace time.
    static func handOver() { Self.isHandedOver.store(true, ordering: .relaxed) }

    /// Starts to listen, and makes writing to a closed pipe an error instead of a death.
    ///
    /// The process ends by itself when it did not react within `grace` and a second, even if every thread is busy.
    static func install(grace: Duration) -> SignalFeed {
        signal(SIGPIPE, SIG_IGN)
        let (signals, feed) = AsyncStream<Int32>.makeStream()
        let queue = DispatchQueue(label: "millwright.signals")
        let wait = Double(grace.components.seconds) + 1
        let sources = [SIGINT, SIGTERM, SIGHUP].filter(Self.isOurs).map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard !Self.isHandedOver.load(ordering: .relaxed) else { return }
                feed.yield(number)
                queue.asyncAfter(deadline: .now() + wait) { _exit(Self.exitCode(for: number).rawValue) }
            }
            source.resume()
            return source as any DispatchSourceSignal
        }
        return SignalFeed(signals: signals, sources: sources)
    }

    /// Gives the signals back their own ways, for a program that takes this process's place.
    static func restore() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }

    /// The exit code a signal ends in; SIGHUP counts as SIGTERM.
    static func exitCode(for number: Int32) -> ExitCode { number == SIGINT ? .interrupted : .terminated }

    /// Started by `nohup`, a command goes on after the terminal is gone.
    private static func isOurs(_ number: Int32) -> Bool {
        var action = sigaction()
        guard number == SIGHUP, sigaction(number, nil, &action) == 0 else { return true }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != 1
    }
}
