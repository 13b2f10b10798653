// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCaching
import MillwrightCore
import MillwrightRedis
import MillwrightToolkit

/// Shows what the caches hold and how well they do.
struct CacheStats: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache_stats",
        abstract: "Show hit ratios, keys, memory and eviction of the caches.",
        discussion: """
            Looks at every alias of the settings, or at the one that --cache names. Hit ratios are those that the \
            applications count per alias and key group; Redis's own are of the whole server and shown as such. Keys \
            are walked up to --max-keys and projected from there.
            """
    )
    static var kind: CommandKind { .look }

    @Option(name: .customLong("max-keys"), help: "How many keys of a database are walked at most.")
    var maximumKeys = 20_000

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("looking at the caches")
        // Without any cache in the settings this says how to name one.
        if context.settings.caches.isEmpty { _ = try context.toolkit.cacheSettings(context.globals.cache) }
        let checks = try context.toolkit.cacheChecks()
        var survey = CacheSurvey()
        survey.maximumKeys = max(1, self.maximumKeys)
        let seen = try await context.toolkit.observeCaches(only: context.globals.cacheAlias, survey: survey)
        try Task.checkCancellation()
        if let outage = seen.totalOutage { throw outage }
        return context.finish(context.report("Caches", sections: [seen.section(checks: checks)]))
    }
}
