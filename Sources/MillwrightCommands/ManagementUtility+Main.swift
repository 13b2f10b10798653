// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Dispatch
import Glibc
import MillwrightCore

extension ManagementUtility {
    /// How long a command may clean up after SIGINT, SIGTERM or `--timeout`.
    static let grace = Duration.seconds(5)

    /// Runs the process's command line and ends the process: what `main` calls, and nothing after it.
    ///
    /// Call it from a `main` that is not `async`: the runtime of an `async` one opens files before anybody can see that the
    /// process was started with stdout closed, and the first of them would be taken for it.
    public func main(arguments: [String] = Array(CommandLine.arguments.dropFirst())) -> Never {
        StandardDescriptors.openMissing()
        let feed = SignalFeed.install(grace: Self.grace)
        let execution = self.execution(arguments, .standard, ProcessEnvironment.current, signals: feed.signals)
        Task {
            let code = await execution.run()
            // `_exit`: threads that were left behind must not run into the tearing down of the process.
            _exit(code.rawValue)
        }
        withExtendedLifetime(feed) { dispatchMain() }
    }
}
