// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `erp_warehouse`: forty of them, whatever the scale.
struct Warehouses: GeneratedTable {
    let name = "erp_warehouse"
    let expectedRows: Int
    private let world: World
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.warehouses
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(1 + self.row % 20)
        lines.part("W")
        lines.padded(self.row, to: 2)
        lines.endField()
        lines.text(WordLists.cities, self.row % WordLists.cities.count)
        lines.null()
        lines.endRow()
        return true
    }
}

/// `erp_stocktransaction`: the ledger, in order of time; few products move most.
struct StockTransactions: GeneratedTable {
    private static let kinds = Words(["sale", "purchase", "transfer", "correction"])
    let name = "erp_stocktransaction"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.stockTransactions
        self.random = world.random("erp_stocktransaction")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.world.products.draw(self.random.next()))
        lines.integer(1 + self.random.below(self.world.volume.warehouses))
        let kind = self.random.chance(75) ? 0 : 1 + self.random.below(3)
        lines.text(Self.kinds, kind)
        lines.integer(kind == 0 ? -1 - self.random.below(12) : 1 + self.random.below(200))
        lines.part("DOC-")
        lines.padded(self.random.below(self.expectedRows), to: 8)
        lines.endField()
        let step = Days.seconds / self.expectedRows
        lines.time(step * (self.row - 1) + self.random.below(step))
        lines.endRow()
        return true
    }
}
