// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What the tables must agree on: who buys, what is sold, which task belongs to which project.
///
/// A relation is a function of the row's number and the seed, so that two tables need not remember each other's rows.
final class World: Sendable {
    let seed: UInt64
    let volume: Volume
    let workspaces: Zipf
    let projects: Zipf
    let users: Zipf
    let tenants: Zipf
    let customers: Zipf
    let products: Zipf
    let categories: Zipf

    init(volume: Volume, seed: UInt64) {
        self.seed = seed
        self.volume = volume
        self.workspaces = Zipf(count: volume.workspaces)
        self.projects = Zipf(count: volume.projects)
        self.users = Zipf(count: volume.users)
        self.tenants = Zipf(count: volume.tenants, scattered: false)
        self.customers = Zipf(count: volume.customers)
        self.products = Zipf(count: volume.products)
        self.categories = Zipf(count: volume.categories)
    }

    /// The random numbers of one table.
    func random(_ stream: StaticString) -> Random { Random(seed: self.seed, stream: stream) }

    /// The workspace of a project: few workspaces have most projects.
    func workspace(ofProject project: Int) -> Int { self.workspaces.draw(self.bits(project, salt: 1)) }

    /// The project of a task.
    func project(ofTask task: Int) -> Int { self.projects.draw(self.bits(task, salt: 2)) }

    /// The tenant of a customer, and so of the customer's orders.
    func tenant(ofCustomer customer: Int) -> Int { self.tenants.draw(self.bits(customer, salt: 3)) }

    /// A product's price in cents: most are cheap.
    func price(ofProduct product: Int) -> Int {
        var random = Random(state: self.bits(product, salt: 4))
        let ceiling = 200 + random.below(20_000)
        return 99 + random.below(ceiling) * (random.chance(5) ? 20 : 1)
    }

    /// The lines of an order; the order's total is their sum.
    func lines(ofOrder order: Int) -> OrderLines {
        OrderLines(world: self, random: Random(state: self.bits(order, salt: 5)))
    }

    private func bits(_ number: Int, salt: UInt64) -> UInt64 {
        Random.mixed(self.seed ^ Random.mixed(UInt64(truncatingIfNeeded: number) &* 8 &+ salt))
    }
}

/// One line of an order.
struct OrderLine {
    let product: Int
    let quantity: Int
    let price: Int
    /// In hundredths of a percent; most lines have none.
    let discount: Int?

    /// What the line costs, in cents.
    var cents: Int { self.price * self.quantity * (10_000 - (self.discount ?? 0)) / 10_000 }
}

/// The lines of one order, one after the other: mostly few, sometimes many.
struct OrderLines {
    private static let lengths = [1, 1, 1, 2, 2, 3, 4, 6, 8, 12]
    private let world: World
    private var random: Random
    private var left: Int

    init(world: World, random: Random) {
        self.world = world
        self.random = random
        self.left = Self.lengths[self.random.below(Self.lengths.count)]
    }

    /// The next line, or `nil` after the last.
    mutating func next() -> OrderLine? {
        guard self.left > 0 else { return nil }
        self.left -= 1
        let product = self.world.products.draw(self.random.next())
        return OrderLine(
            product: product,
            quantity: 1 + self.random.below(self.random.chance(10) ? 50 : 4),
            price: self.world.price(ofProduct: product),
            discount: self.random.chance(15) ? 250 * (1 + self.random.below(8)) : nil
        )
    }
}
