// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `tasks`: most are done, most have no assignee, and the due date follows the creation.
struct Tasks: GeneratedTable {
    static let states = Words(["done", "open", "in_progress", "blocked", "cancelled"])
    let name = "tasks"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.tasks
        self.random = world.random("tasks")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.world.project(ofTask: self.row))
        if self.random.chance(40) {
            lines.integer(self.world.users.draw(self.random.next()))
        } else {
            lines.null()
        }
        self.writeTitle(into: &lines)
        self.writeDescription(into: &lines)
        self.writeState(into: &lines)
        lines.endRow()
        return true
    }

    private mutating func writeTitle(into lines: inout CopyLines) {
        lines.part(WordLists.verbs, self.random.below(WordLists.verbs.count))
        lines.part(" ")
        lines.part(WordLists.objects, self.random.below(WordLists.objects.count))
        lines.part(" ")
        lines.text(WordLists.purposes, self.random.below(WordLists.purposes.count))
    }

    private mutating func writeDescription(into lines: inout CopyLines) {
        guard self.random.chance(30) else {
            lines.null()
            return
        }
        for _ in 0...self.random.below(6) {
            lines.part(WordLists.verbs, self.random.below(WordLists.verbs.count))
            lines.part(" ")
            lines.part(WordLists.goods, self.random.below(WordLists.goods.count))
            lines.part(". ")
        }
        lines.endField()
    }

    private mutating func writeState(into lines: inout CopyLines) {
        let luck = self.random.below(100)
        let state = luck < 78 ? 0 : luck < 90 ? 1 : luck < 95 ? 2 : luck < 98 ? 3 : 4
        lines.text(Self.states, state)
        lines.integer(self.random.chance(10) ? 1 : 3 + self.random.below(3))
        let step = Days.seconds / self.expectedRows
        let created = step * (self.row - 1) + self.random.below(step)
        if self.random.chance(65) {
            lines.date(created / 86_400 + 1 + self.random.below(30))
        } else {
            lines.null()
        }
        let ended = created + self.random.below(min(86_400 * 40, Days.seconds - created))
        if state == 0 || state == 4 { lines.time(ended) } else { lines.null() }
        lines.time(created)
        lines.time(ended)
    }
}

/// The old tasks that were archived and deleted again: what they leave behind is an index full of holes.
///
/// Their numbers are negative, so that deleting them is one comparison and no living row is touched. They come in the
/// order of time, spread over all of it: the index splits each of its pages a few times, one after the other.
struct ArchivedTasks: GeneratedTable {
    let name = "tasks"
    let expectedRows: Int
    private var random: Random
    private var row = 0

    init(world: World) {
        self.expectedRows = world.volume.archivedTasks
        self.random = world.random("archived tasks")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(-self.row)
        lines.integer(1)
        lines.null()
        lines.part("Archived")
        lines.endField()
        lines.null()
        lines.text(Tasks.states, 0)
        lines.integer(5)
        lines.null()
        let second = (self.row - 1) * (Days.seconds / self.expectedRows) + self.random.below(60)
        lines.time(second)
        lines.time(second)
        lines.time(second)
        lines.endRow()
        return true
    }
}
