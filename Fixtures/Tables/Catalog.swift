// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `erp_category`: a tree of two levels.
struct Categories: GeneratedTable {
    let name = "erp_category"
    let expectedRows: Int
    private var row = 0

    init(world: World) { self.expectedRows = world.volume.categories }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        if self.row <= 16 { lines.null() } else { lines.integer(1 + self.row % 16) }
        lines.part(WordLists.materials, self.row % 16)
        lines.part(" ")
        lines.text(WordLists.goods, self.row / 16 % WordLists.goods.count)
        lines.part("category-")
        lines.digits(self.row)
        lines.endField()
        lines.endRow()
        return true
    }
}

/// `erp_supplier`: one in ten is no longer active, one in three has no address.
struct Suppliers: GeneratedTable {
    let name = "erp_supplier"
    let expectedRows: Int
    private var random: Random
    private var row = 0

    init(world: World) {
        self.expectedRows = world.volume.suppliers
        self.random = world.random("erp_supplier")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.part(WordLists.lastNames, self.random.below(WordLists.lastNames.count))
        lines.part(" & Co ")
        lines.digits(self.row)
        lines.endField()
        lines.text(WordLists.countries, self.random.below(WordLists.countries.count))
        if self.random.chance(66) {
            lines.part("sales@supplier")
            lines.digits(self.row)
            lines.part(".example")
            lines.endField()
        } else {
            lines.null()
        }
        lines.flag(self.random.chance(90))
        lines.endRow()
        return true
    }
}

/// `erp_product`: few categories hold most products; one in five is no longer sold.
struct Products: GeneratedTable {
    let name = "erp_product"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.products
        self.random = world.random("erp_product")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.world.categories.draw(self.random.next()))
        if self.random.chance(75) {
            lines.integer(1 + self.random.below(self.world.volume.suppliers))
        } else {
            lines.null()
        }
        lines.part("SKU-")
        lines.padded(self.row, to: 7)
        lines.endField()
        let material = self.random.below(WordLists.materials.count)
        lines.part(WordLists.materials, material)
        lines.part(" ")
        lines.text(WordLists.goods, self.random.below(WordLists.goods.count))
        lines.money(self.world.price(ofProduct: self.row))
        lines.integer(self.random.chance(4) ? self.random.below(10) : 20 + self.random.below(500))
        lines.integer(10)
        lines.flag(self.random.chance(80))
        self.writeAttributes(material: material, into: &lines)
        let step = Days.seconds / self.expectedRows
        lines.time(step * (self.row - 1) + self.random.below(step))
        lines.endRow()
        return true
    }

    private mutating func writeAttributes(material: Int, into lines: inout CopyLines) {
        lines.part("{\"material\": \"")
        lines.part(WordLists.materials, material)
        lines.part("\", \"color\": \"")
        lines.part(WordLists.colors, self.random.below(WordLists.colors.count))
        lines.part("\", \"grams\": ")
        lines.digits(5 + self.random.below(20_000))
        if self.random.chance(20) {
            lines.part(", \"fragile\": true")
        }
        lines.part("}")
        lines.endField()
    }
}
