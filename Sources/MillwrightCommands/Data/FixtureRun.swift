// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import MillwrightCore
import MillwrightPostgres
import MillwrightToolkit

/// What `loaddata` was asked to do: load, then work, and hold a transaction beside it.
struct FixtureRun: Sendable {
    var command: LoadDataCommand
    var context: CommandContext
    var database: PostgresConfiguration

    /// Does it, and says what was done.
    func sections() async throws -> [Section] {
        var sections: [Section] = []
        if self.command.fixture != nil { sections.append(try await self.load()) }
        try await withThrowingTaskGroup(of: Section?.self) { group in
            if let time = self.command.holdTransaction {
                group.addTask { try await self.hold(for: time) }
            }
            if let time = self.command.workload {
                group.addTask { try await self.work(for: time) }
            }
            for try await section in group { section.map { sections.append($0) } }
        }
        return sections
    }

    private func load() async throws -> Section {
        let options = ERP.LoadOptions(
            scale: self.command.scale,
            seed: self.command.seed,
            schema: self.command.schema,
            existing: self.command.replace ? .replace : self.command.keep ? .keep : .refuse
        )
        let bar = ProgressBar(self.context)
        let start = ContinuousClock.now
        self.context.doing("loading the ERP at scale \(options.scale)")
        defer { bar.finish() }
        let rows = try await ERP.load(options, into: self.database) { progress in
            let detail = progress.expectedRows == 0 ? "" : "\(Units.text(count: progress.rows)) rows"
            bar.show(progress.step, share: progress.share, detail: detail)
        }
        return Section(
            "load",
            title: "Load",
            facts: [
                Evidence("schema", .text(options.schema)), Evidence("scale", .number(options.scale)),
                Evidence("rows loaded", rows.map { .count($0) } ?? .text("none: it was loaded already")),
                Evidence("seeded faults", .count(ERP.seededFaults.count)),
                Evidence("time", .seconds((ContinuousClock.now - start) / .seconds(1))),
            ]
        )
    }

    private func work(for time: Duration) async throws -> Section {
        let workload = Workload(
            duration: time,
            clients: self.command.clients,
            seed: self.command.seed,
            schema: self.command.schema
        )
        let caches = try self.caches()
        if caches.isEmpty { self.context.say("The settings name no cache: the workload uses the database only.") }
        let bar = ProgressBar(self.context)
        self.context.doing("running the workload for \(Units.text(time))")
        defer { bar.finish() }
        let summary = try await workload.run(database: self.database, caches: caches) { share in
            bar.show("working", share: share)
        }
        return summary.section
    }

    /// The caches that the workload knows how to use, where the settings name them.
    private func caches() throws -> [WorkloadCache] {
        try WorkloadCache.aliases.filter { self.context.settings.caches[$0] != nil }.map { alias in
            let settings = try self.context.toolkit.cacheSettings(alias)
            return WorkloadCache(
                alias: alias,
                client: try self.context.toolkit.cache(alias),
                keyPrefix: settings.keyPrefix,
                version: settings.version,
                timeout: settings.timeout
            )
        }
    }

    private func hold(for time: Duration) async throws -> Section? {
        try await HeldTransaction.hold(on: self.database, schema: self.command.schema, for: time) { process in
            self.context.say("Server process \(process) holds a transaction open for \(Units.text(time)).")
        }
        return nil
    }
}
