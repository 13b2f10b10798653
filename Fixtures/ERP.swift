// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The ERP and the task platform of the demo and the tests: thirteen tables, real data, real faults.
///
/// ## Topics
/// - Loading: ``load(_:into:progress:)``, ``seededFaults``
/// - Using: ``Workload``, ``HeldTransaction``
public enum ERP {
    /// The tables, parents before children; nothing else is ever dropped.
    public static let tables = [
        "workspaces", "users", "projects", "tasks", "activities", "erp_category", "erp_supplier", "erp_product",
        "erp_customer", "erp_warehouse", "erp_salesorder", "erp_orderitem", "erp_stocktransaction",
    ]

    /// The rows of every table, in the order of `tables`.
    static func rows(_ world: World) -> [any GeneratedTable] {
        [
            Workspaces(world: world), Users(world: world), Projects(world: world), Tasks(world: world),
            Activities(world: world), Categories(world: world), Suppliers(world: world), Products(world: world),
            Customers(world: world), Warehouses(world: world), SalesOrders(world: world), OrderItems(world: world),
            StockTransactions(world: world),
        ]
    }
}
