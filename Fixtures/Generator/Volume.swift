// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How many rows each table gets.
///
/// Scale 1 makes about 1 GB with its indexes. Every table grows with the scale, down to a least number below which
/// the data would have no shape.
public struct Volume: Sendable, Hashable {
    /// The scale it was made from.
    public let scale: Double

    /// Creates the volume of a scale; 0.05 is enough for a demo.
    public init(scale: Double) { self.scale = scale }

    var workspaces: Int { self.rows(2000, least: 20) }
    var users: Int { self.rows(40_000, least: 200) }
    var projects: Int { self.rows(20_000, least: 100) }
    var tasks: Int { self.rows(300_000, least: 1000) }
    var archivedTasks: Int { self.tasks * 5 }
    var activities: Int { self.rows(1_700_000, least: 5000) }
    var categories: Int { self.rows(400, least: 40) }
    var suppliers: Int { self.rows(3000, least: 50) }
    var products: Int { self.rows(100_000, least: 500) }
    var customers: Int { self.rows(150_000, least: 500) }
    var tenants: Int { 50 }
    var warehouses: Int { 40 }
    var orders: Int { self.rows(600_000, least: 1000) }
    var stockTransactions: Int { self.rows(1_400_000, least: 5000) }

    private func rows(_ full: Int, least: Int) -> Int { max(least, Int(Double(full) * self.scale)) }
}
