// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `workspaces`: the platform's tenants.
struct Workspaces: GeneratedTable {
    private static let plans = Words(["free", "team", "business"])
    let name = "workspaces"
    let expectedRows: Int
    private var random: Random
    private var row = 0

    init(world: World) {
        self.expectedRows = world.volume.workspaces
        self.random = world.random("workspaces")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.part("space-")
        lines.digits(self.row)
        lines.endField()
        lines.part(WordLists.cities, self.random.below(WordLists.cities.count))
        lines.part(" ")
        lines.text(WordLists.goods, self.random.below(WordLists.goods.count))
        lines.text(Self.plans, self.random.chance(80) ? 0 : 1 + self.random.below(2))
        lines.time(self.random.below(86_400 * 30))
        lines.endRow()
        return true
    }
}

/// `users`: most belong to a few workspaces; many never signed in.
struct Users: GeneratedTable {
    let name = "users"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.users
        self.random = world.random("users")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.world.workspaces.draw(self.random.next()))
        lines.part("user")
        lines.digits(self.row)
        lines.part("@example.org")
        lines.endField()
        if self.random.chance(40) {
            lines.part("Head of ")
            lines.text(WordLists.goods, self.random.below(WordLists.goods.count))
        } else {
            lines.null()
        }
        lines.flag(self.random.chance(90))
        let created = Days.seconds / self.expectedRows * (self.row - 1)
        if self.random.chance(65) {
            lines.time(created + self.random.below(Days.seconds - created))
        } else {
            lines.null()
        }
        lines.time(created)
        lines.endRow()
        return true
    }
}

/// `projects`: their number grows evenly, and most are in few workspaces.
struct Projects: GeneratedTable {
    let name = "projects"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.projects
        self.random = world.random("projects")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.world.workspace(ofProject: self.row))
        if self.random.chance(85) {
            lines.integer(self.world.users.draw(self.random.next()))
        } else {
            lines.null()
        }
        lines.part(WordLists.materials, self.random.below(WordLists.materials.count))
        lines.part(" ")
        lines.text(WordLists.objects, self.random.below(WordLists.objects.count))
        let created = Days.seconds / self.expectedRows * (self.row - 1)
        if self.random.chance(15) {
            lines.time(created + self.random.below(Days.seconds - created))
        } else {
            lines.null()
        }
        lines.time(created)
        lines.endRow()
        return true
    }
}
