// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension MigrationPlan {
    /// Decides what has to be done.
    ///
    /// - Parameters:
    ///   - apps: the apps in their order; the first is Millwright's own.
    ///   - applied: what the database has.
    ///   - checksums: the SHA-256 of each migration's up file.
    ///   - app: the app that `target` is about; the others stay as they are. `nil` migrates all.
    ///   - target: how far.
    public static func decide(
        apps: [MigrationApp],
        applied: [AppliedMigration],
        checksums: [Migration: String],
        app: String? = nil,
        target: MigrationTarget = .latest
    ) -> MigrationPlan {
        var plan = MigrationPlan()
        let chosen = apps.filter { app == nil || $0.label == app }
        if let app, chosen.isEmpty { plan.problems.append(.unknownApp(app, known: apps.map(\.label))) }
        for app in chosen {
            let rows = applied.filter { $0.app == app.label }.sorted { $0.number < $1.number }
            plan.problems += Self.problems(of: app, applied: rows, checksums: checksums)
            plan.add(app, applied: Set(rows.map(\.number)), checksums: checksums, target: target)
        }
        plan.keepTableForOthers(applied: applied)
        return plan
    }

    private static func problems(
        of app: MigrationApp,
        applied: [AppliedMigration],
        checksums: [Migration: String]
    ) -> [MigrationProblem] {
        let files = Dictionary(uniqueKeysWithValues: app.migrations.map { ($0.number, $0) })
        let numbers = Set(applied.map(\.number))
        var problems: [MigrationProblem] = []
        for row in applied {
            guard let file = files[row.number] else {
                problems.append(.unknownApplied(row))
                continue
            }
            if checksums[file] != row.checksum { problems.append(.checksumChanged(file)) }
        }
        let last = numbers.max() ?? 0
        for migration in app.migrations where migration.number < last && !numbers.contains(migration.number) {
            problems.append(.gap(migration, before: last))
        }
        return problems
    }

    private mutating func add(
        _ app: MigrationApp,
        applied: Set<Int>,
        checksums: [Migration: String],
        target: MigrationTarget
    ) {
        var goal = app.migrations.last?.number ?? 0
        if case .number(let number) = target {
            guard number == 0 || app.migrations.contains(where: { $0.number == number }) else {
                self.problems.append(.unknownStep(number, in: app))
                return
            }
            goal = number
        }
        for migration in app.migrations where migration.number <= goal && !applied.contains(migration.number) {
            self.steps.append(
                MigrationStep(direction: .apply, migration: migration, checksum: checksums[migration] ?? "")
            )
        }
        for migration in app.migrations.reversed() where migration.number > goal && applied.contains(migration.number) {
            if migration.down == nil { self.problems.append(.noDownFile(migration)) }
            self.steps.append(
                MigrationStep(direction: .revert, migration: migration, checksum: checksums[migration] ?? "")
            )
        }
    }

    /// Taking Millwright's first step back drops the table that every app's rows stand in.
    private mutating func keepTableForOthers(applied: [AppliedMigration]) {
        let dropsTable = self.steps.contains { step in
            step.direction == .revert && step.migration.app == Migrations.label && step.migration.number == 1
        }
        guard dropsTable else { return }
        let others = Set(applied.map(\.app)).subtracting([Migrations.label])
        self.problems += others.sorted().map(MigrationProblem.stillNeeded)
    }
}
