// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Migrations
import MillwrightCore

/// Steps of a migration as `migrate` writes them, planned or done.
struct MigrationListing: Sendable {
    var database: String
    var steps: [MigrationStep]

    /// The steps that are taken back, latest first.
    var reverted: [String] {
        self.steps.filter { $0.direction == .revert }.map { "\($0.migration.app) \($0.migration.title)" }
    }

    /// What is being done, in words.
    static func words(for step: MigrationStep) -> String {
        "\(step.direction == .apply ? "applying" : "taking back") \(step.migration.app) \(step.migration.title)"
    }

    /// Writes what was done.
    func write(to context: CommandContext) -> ExitCode {
        let facts = [Evidence("database", .text(self.database)), Evidence("steps done", .count(self.steps.count))]
        let table = Table(
            "steps",
            title: "Steps",
            columns: [
                Table.Column("app", "App"), Table.Column("migration", "Migration"), Table.Column("direction", "Done"),
            ],
            rows: self.steps.map { step in
                [
                    .text(step.migration.app), .text(step.migration.title),
                    .text(step.direction == .apply ? "applied" : "taken back"),
                ]
            }
        )
        let section = Section(
            "migrations",
            title: "Migrations",
            facts: facts,
            tables: self.steps.isEmpty ? [] : [table]
        )
        return context.finish(
            Report(command: "migrate", title: "Migrations", createdAt: Now.seconds, sections: [section])
        )
    }

    /// Writes the SQL that would run, so that it can be pasted into psql.
    func writePlan(to context: CommandContext) {
        if context.globals.isJSON {
            context.write(self.document)
        } else {
            context.stdout.writeLine(self.script)
        }
    }

    /// The steps as one script.
    var script: String {
        guard !self.steps.isEmpty else { return "-- Nothing is to be done in database \(self.database)." }
        return self.steps.map { step in
            let sql = step.sql.hasSuffix("\n") ? step.sql : step.sql + "\n"
            return "-- \(Self.words(for: step))\n" + (step.isOutsideTransaction ? sql : "BEGIN;\n\(sql)COMMIT;\n")
        }.joined(separator: "\n")
    }

    private var document: JSONValue {
        .object([
            ("database", .string(self.database)),
            (
                "steps",
                .array(
                    self.steps.map { step in
                        .object([
                            ("app", .string(step.migration.app)),
                            ("migration", .string(step.migration.title)),
                            ("direction", .string(step.direction.rawValue)),
                            ("inTransaction", .bool(!step.isOutsideTransaction)),
                            ("sql", .string(step.sql)),
                        ])
                    }
                )
            ),
        ])
    }
}
