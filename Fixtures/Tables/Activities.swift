// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `activities`: what happened, in the order it happened; most of it to recent tasks, a fifth to no task at all.
struct Activities: GeneratedTable {
    private static let kinds = Words(["viewed", "commented", "moved", "assigned", "uploaded", "signed in"])
    let name = "activities"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.activities
        self.random = world.random("activities")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        self.writeTask(into: &lines)
        lines.integer(self.world.users.draw(self.random.next()))
        lines.text(Self.kinds, self.random.chance(60) ? 0 : self.random.below(Self.kinds.count))
        if self.random.chance(30) {
            lines.part("{\"field\": \"state\", \"seconds\": ")
            lines.digits(self.random.below(4000))
            lines.part("}")
            lines.endField()
        } else {
            lines.null()
        }
        let step = Days.seconds / self.expectedRows
        lines.time(step * (self.row - 1) + self.random.below(step))
        lines.endRow()
        return true
    }

    private mutating func writeTask(into lines: inout CopyLines) {
        if self.random.chance(20) {
            lines.integer(self.world.workspaces.draw(self.random.next()))
            lines.null()
        } else {
            let newest = max(1, self.row * self.world.volume.tasks / self.expectedRows)
            let age = self.random.below(self.random.chance(70) ? 1 + newest / 50 : newest)
            let task = newest - age
            lines.integer(self.world.workspace(ofProject: self.world.project(ofTask: task)))
            lines.integer(task)
        }
    }
}
