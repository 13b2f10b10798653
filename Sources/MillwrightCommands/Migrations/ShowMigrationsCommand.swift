// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Migrations
import MillwrightCore

/// `manage showmigrations`: every migration, applied or not.
struct ShowMigrationsCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "showmigrations",
        abstract: "Show every migration: applied, pending, changed since, or unknown.",
        discussion: "Ends with 1 where a file was changed after it had been applied, or a newer version was here."
    )
    static var kind: CommandKind { .look }

    @Argument(help: ArgumentHelp("Only this app.", valueName: "app"))
    var app: String?

    func run(in context: CommandContext) async throws -> ExitCode {
        let runner = try context.migrationRunner()
        if let app, !runner.apps.contains(where: { $0.label == app }) {
            throw ValidationError(
                "There is no app `\(app)` with migrations: \(runner.apps.map(\.label).joined(separator: ", "))."
            )
        }
        context.doing("reading the migrations of database \(context.globals.database)")
        let all = try await runner.status().filter { self.app == nil || $0.app == self.app }
        let code = context.finish(self.report(all, database: context.globals.database))
        return all.contains { [.changed, .unknown].contains($0.state) } ? .notWell : code
    }

    private func report(_ all: [MigrationStatus], database: String) -> Report {
        let counts = MigrationStatus.State.allCases.compactMap { state -> Evidence? in
            let count = all.filter { $0.state == state }.count
            return count == 0 ? nil : Evidence(state.rawValue, .count(count))
        }
        let table = Table(
            "migrations",
            title: "Migrations",
            columns: [
                Table.Column("app", "App"), Table.Column("migration", "Migration"), Table.Column("state", "State"),
                Table.Column("applied_at", "Applied"),
            ],
            rows: all.map { one in
                [
                    .text(one.app), .text(one.title), .text(one.state.rawValue),
                    one.appliedAt.map { .time($0) } ?? .missing,
                ]
            }
        )
        let section = Section(
            "migrations",
            title: "Migrations",
            facts: [Evidence("database", .text(database))] + counts,
            tables: [table]
        )
        return Report(command: "showmigrations", title: "Migrations", createdAt: Now.seconds, sections: [section])
    }
}
