// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// `erp_salesorder`: a few customers order most; what is old is settled, what is new is open.
struct SalesOrders: GeneratedTable {
    private static let statuses = Words(["shipped", "cancelled", "returned", "paid", "new"])
    let name = "erp_salesorder"
    let expectedRows: Int
    private let world: World
    private var random: Random
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.orders
        self.random = world.random("erp_salesorder")
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard self.row < self.expectedRows else { return false }
        self.row += 1
        let customer = self.world.customers.draw(self.random.next())
        let step = Days.seconds / self.expectedRows
        let created = step * (self.row - 1) + self.random.below(step)
        lines.integer(self.row)
        lines.integer(self.world.tenant(ofCustomer: customer))
        lines.integer(customer)
        lines.part("SO-")
        lines.padded(self.row, to: 8)
        lines.endField()
        lines.date(created / 86_400)
        let status = self.status()
        lines.text(Self.statuses, status)
        lines.money(self.total())
        if status == 0 || status == 2 {
            lines.time(created + self.random.below(86_400 * 6))
        } else {
            lines.null()
        }
        if self.random.chance(4) {
            lines.part("Call before delivery")
            lines.endField()
        } else {
            lines.null()
        }
        lines.time(created)
        lines.endRow()
        return true
    }

    private mutating func status() -> Int {
        let isRecent = self.row > self.expectedRows / 50 * 49
        if isRecent { return self.random.chance(60) ? 4 : 3 }
        let luck = self.random.below(100)
        return luck < 90 ? 0 : luck < 96 ? 1 : 2
    }

    private func total() -> Int {
        var cents = 0
        var lines = self.world.lines(ofOrder: self.row)
        while let line = lines.next() { cents += line.cents }
        return cents
    }
}

/// `erp_orderitem`: the lines of the orders, in the orders' order.
struct OrderItems: GeneratedTable {
    let name = "erp_orderitem"
    let expectedRows: Int
    private let world: World
    private var order = 1
    private var lines: OrderLines
    private var row = 0

    init(world: World) {
        self.world = world
        self.expectedRows = world.volume.orders * 4
        self.lines = world.lines(ofOrder: 1)
    }

    mutating func writeRow(into lines: inout CopyLines) -> Bool {
        guard let line = self.nextLine() else { return false }
        self.row += 1
        lines.integer(self.row)
        lines.integer(self.order)
        lines.integer(line.product)
        lines.integer(line.quantity)
        lines.money(line.price)
        if let discount = line.discount { lines.money(discount) } else { lines.null() }
        lines.endRow()
        return true
    }

    private mutating func nextLine() -> OrderLine? {
        if let line = self.lines.next() { return line }
        guard self.order < self.world.volume.orders else { return nil }
        self.order += 1
        self.lines = self.world.lines(ofOrder: self.order)
        return self.lines.next()
    }
}
