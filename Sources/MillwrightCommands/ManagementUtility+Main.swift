// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

extension ManagementUtility {
    /// How long a command may clean up after SIGINT, SIGTERM or `--timeout`.
    static let grace = Duration.seconds(5)

    /// Runs the process's command line and ends the process: what `main` calls, and nothing after it.
    public func main(arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Never {
        StandardDescriptors.openMissing()
        let feed = SignalFeed.install(grace: Self.grace)
        let execution = self.execution(arguments, .standard, ProcessEnvironment.current, signals: feed.signals)
        let code = await execution.run()
        // `_exit`: threads that were left behind must not run into the tearing down of the process.
        withExtendedLifetime(feed) { _exit(code.rawValue) }
    }
}
