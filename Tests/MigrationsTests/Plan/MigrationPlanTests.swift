// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Migrations

@Suite("Migration plan")
struct MigrationPlanTests {
    private static let files = (1...4).map { number in
        Migration(
            app: "shop",
            number: number,
            name: "step\(number)",
            up: "up \(number)",
            down: number == 2 ? nil : "down"
        )
    }
    private static let app = MigrationApp(label: "shop", migrations: Self.files)
    private static let checksums = Dictionary(uniqueKeysWithValues: Self.files.map { ($0, "sum of \($0.up)") })

    private func rows(_ numbers: Int...) -> [AppliedMigration] {
        numbers.map { AppliedMigration(app: "shop", number: $0, name: "step\($0)", checksum: "sum of up \($0)") }
    }

    private func plan(_ rows: [AppliedMigration], _ target: MigrationTarget = .latest) -> MigrationPlan {
        MigrationPlan.decide(apps: [Self.app], applied: rows, checksums: Self.checksums, target: target)
    }

    private func words(_ plan: MigrationPlan) -> [String] {
        plan.steps.map { "\($0.direction.rawValue) \($0.migration.number)" }
    }

    @Test("An empty database gets every migration in order")
    func appliesAll() {
        let plan = self.plan([])

        #expect(self.words(plan) == ["apply 1", "apply 2", "apply 3", "apply 4"])
        #expect(plan.problems.isEmpty)
        #expect(plan.steps.map(\.checksum) == ["sum of up 1", "sum of up 2", "sum of up 3", "sum of up 4"])
    }

    @Test("A database that has everything gets nothing")
    func appliesNothing() {
        #expect(self.plan(self.rows(1, 2, 3, 4)) == MigrationPlan())
    }

    @Test(
        "A target is reached forwards or backwards",
        arguments: [
            ([1], 3, ["apply 2", "apply 3"]),
            ([1, 2, 3, 4], 2, ["revert 4", "revert 3"]),
            ([1, 2, 3], 3, []),
        ]
    )
    func reachesTarget(applied: [Int], target: Int, expected: [String]) {
        let rows = applied.flatMap { self.rows($0) }

        #expect(self.words(self.plan(rows, .number(target))) == expected)
    }

    @Test("A step without a down file stops the way back")
    func needsDownFile() {
        #expect(self.plan(self.rows(1, 2, 3), .number(0)).problems.map(\.kind) == [.noDownFile])
    }

    @Test("A file that was changed after it had been applied is a problem")
    func noticesChange() {
        var rows = self.rows(1, 2)
        rows[0] = AppliedMigration(app: "shop", number: 1, name: "step1", checksum: "other")

        #expect(self.plan(rows).problems.map(\.kind) == [.checksumChanged])
    }

    @Test("A step that only a newer version knows is a problem")
    func noticesNewerVersion() {
        #expect(self.plan(self.rows(1, 2, 3, 4, 5)).problems.map(\.kind) == [.unknownApplied])
    }

    @Test("A step that was left out before an applied one is a problem")
    func noticesGap() {
        #expect(self.plan(self.rows(1, 3)).problems.map(\.kind) == [.gap])
    }

    @Test("A target that does not exist is a problem, and the last one is named")
    func noticesUnknownTarget() {
        let plan = self.plan([], .number(9))

        #expect(plan.problems.map(\.kind) == [.unknownTarget])
        #expect(plan.problems.first?.message == "shop has no migration 9; its last is m0004_step4.")
        #expect(plan.steps.isEmpty)
    }

    @Test("An app that does not exist is a problem, and the nearest one is named")
    func noticesUnknownApp() {
        let plan = MigrationPlan.decide(apps: [Self.app], applied: [], checksums: [:], app: "shpo")

        #expect(plan.problems.map(\.kind) == [.unknownTarget])
        #expect(plan.problems.first?.message.contains("Did you mean shop?") == true)
    }

    @Test("One app's target leaves the others as they are")
    func keepsOtherApps() {
        let other = MigrationApp(
            label: "blog",
            migrations: [Migration(app: "blog", number: 1, name: "a", up: "x", down: nil)]
        )

        let plan = MigrationPlan.decide(
            apps: [Self.app, other],
            applied: [],
            checksums: Self.checksums,
            app: "shop",
            target: .number(1)
        )

        #expect(plan.steps.map(\.migration.app) == ["shop"])
    }

    @Test("The table of migrations stays while another app's rows stand in it")
    func keepsTableForHost() {
        let own = AppliedMigration(app: "millwright", number: 1, name: "create_schema", checksum: "s")
        let apps = [MigrationApp(label: "millwright", migrations: [Migrations.all[0]]), Self.app]
        let checksums = Self.checksums.merging([Migrations.all[0]: "s"]) { first, _ in first }

        let plan = MigrationPlan.decide(
            apps: apps,
            applied: [own] + self.rows(1),
            checksums: checksums,
            app: "millwright",
            target: .number(0)
        )

        #expect(plan.problems.map(\.kind) == [.stillNeeded])
    }
}

@Suite("Migration target")
struct MigrationTargetTests {
    @Test(
        "A target is zero, a number, or a name that starts with one",
        arguments: [
            ("zero", .number(0)), ("3", .number(3)), ("0003", .number(3)), ("m0003", .number(3)),
            ("m0012_create_index_history", .number(12)), ("later", nil), ("", nil), ("-1", nil),
        ] as [(String, MigrationTarget?)]
    )
    func reads(text: String, expected: MigrationTarget?) {
        #expect(MigrationTarget(text) == expected)
    }
}
