// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Migrations
import MillwrightCore

/// `manage migrate`: brings Millwright's schema, and the apps', to where the files are.
struct MigrateCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring Millwright's schema and the apps' to where their files are.",
        discussion: """
            Each file runs in a transaction of its own, one run at a time. Going back runs the down files; what they drop is \
            gone. A host's own migrations and their records are left alone.
            """
    )
    static var kind: CommandKind { .act }

    @Argument(help: ArgumentHelp("An app, a step to go to (0002, zero), or both.", valueName: "app|target"))
    var goal: [String] = []

    @Flag(help: "Write the SQL and change nothing.")
    var plan = false

    @Flag(help: "Change nothing; end with 1 where something is to be done.")
    var check = false

    func run(in context: CommandContext) async throws -> ExitCode {
        let runner = try context.migrationRunner()
        let goal = try MigrationGoal(self.goal, apps: runner.apps.map(\.label))
        context.doing("reading the migrations of database \(context.globals.database)")
        let plan = try await runner.plan(app: goal.app, target: goal.target)
        let steps = try plan.stepsIfSound()
        let listing = MigrationListing(database: context.globals.database, steps: steps)
        if self.plan || self.check {
            listing.writePlan(to: context)
            return self.check && !steps.isEmpty ? .notWell : .ok
        }
        if let last = listing.reverted.last {
            try context.confirm(
                "Take back \(listing.reverted.count) migrations, down to \(last), with the data in them?"
            )
        }
        let done = try await runner.migrate(app: goal.app, target: goal.target) { step in
            context.doing(MigrationListing.words(for: step))
        }
        return MigrationListing(database: context.globals.database, steps: done).write(to: context)
    }
}
