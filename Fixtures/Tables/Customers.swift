// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `erp_customer`: tenants of very different size, and columns that are mostly NULL.
struct Customers: GeneratedTable {
    let name = "erp_customer"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.customers
        self.random = world.random("erp_customer")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.world.tenant(ofCustomer: self.row))
        lines.part("customer")
        lines.digits(self.row)
        lines.part("@example.com")
        lines.endField()
        lines.part(WordLists.firstNames, self.random.below(WordLists.firstNames.count))
        lines.part(" ")
        lines.text(WordLists.lastNames, self.random.below(WordLists.lastNames.count))
        self.writePhone(into: &lines)
        self.writeCompany(into: &lines)
        self.writeRest(into: &lines)
        let step = Days.seconds / self.expectedRows
        lines.time(step * (self.row - 1) + self.random.below(step))
        lines.endRow()
        return true
    }

    /// Three in ten gave a number, and some gave one that another has, which is why a unique index on it fails.
    private mutating func writePhone(into lines: inout CopyLines) {
        guard self.random.chance(30) else {
            lines.null()
            return
        }
        lines.part("+49 30 ")
        lines.padded(self.random.chance(5) ? 0 : self.random.below(10_000_000), to: 7)
        lines.endField()
    }

    private mutating func writeCompany(into lines: inout CopyLines) {
        guard self.random.chance(10) else {
            lines.null()
            lines.null()
            return
        }
        lines.part(WordLists.lastNames, self.random.below(WordLists.lastNames.count))
        lines.part(" ")
        lines.part(WordLists.goods, self.random.below(WordLists.goods.count))
        lines.part(" Ltd")
        lines.endField()
        lines.part(WordLists.countries, self.random.below(WordLists.countries.count))
        lines.padded(self.random.below(1_000_000_000), to: 9)
        lines.endField()
    }

    private mutating func writeRest(into lines: inout CopyLines) {
        if self.random.chance(15) { lines.money(100_00 * (1 + self.random.below(500))) } else { lines.null() }
        if self.random.chance(5) { lines.date(self.random.below(Days.count)) } else { lines.null() }
        if self.random.chance(3) {
            lines.part("Deliver to ")
            lines.text(WordLists.cities, self.random.below(WordLists.cities.count))
        } else {
            lines.null()
        }
    }
}
