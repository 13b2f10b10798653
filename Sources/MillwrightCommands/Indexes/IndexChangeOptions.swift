// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightDatabase

/// How long a change of indexes may take, wait, keep others waiting, and watch what it did.
struct IndexChangeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long the application's updates are watched before and after.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var watch: Duration = .seconds(10)

    @Option(
        help: ArgumentHelp("How long it waits for transactions that are in its way.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var wait: Duration = .seconds(60)

    @Option(
        help: ArgumentHelp("How long another session may wait for it before it gives way.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var delay: Duration = .seconds(1)

    @Option(
        help: ArgumentHelp("How long one build may take.", valueName: "time"),
        transform: TimeArgument.parse
    )
    var buildTimeout: Duration = .seconds(6 * 3600)

    var limits: IndexLimits { IndexLimits(wait: self.wait, delay: self.delay, build: self.buildTimeout) }
}
