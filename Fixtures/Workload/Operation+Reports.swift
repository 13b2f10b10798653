// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension Operation {
    /// What the back office asks: sums over a month, work that is waiting, and the two questions about the ledger that no
    /// index answers.
    static let reports = [
        Operation("stock_history", 40) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT created, warehouse_id, kind, quantity, reference
                FROM erp_stocktransaction
                WHERE product_id = \(world.products.draw(random.next()))
                ORDER BY created DESC
                LIMIT 50
                """
            )
        },
        Operation("low_stock_report", 14) { connection, _, random in
            _ = try await connection.query(
                """
                SELECT p.id, p.sku, p.name, p.stock,
                       (SELECT sum(t.quantity) FROM erp_stocktransaction AS t WHERE t.product_id = p.id) AS booked
                FROM erp_product AS p
                WHERE p.active AND p.stock <= p.reorder_level AND p.stock >= \(random.below(4))
                ORDER BY p.stock
                LIMIT 8
                """
            )
        },
        Operation("sales_dashboard", 8) { connection, _, random in
            let day = random.below(Days.count - 30)
            _ = try await connection.query(
                """
                SELECT date, status, count(*), sum(total)
                FROM erp_salesorder
                WHERE date >= \(Days.text(day))::date AND date < \(Days.text(day + 14))::date
                GROUP BY date, status
                ORDER BY date, status
                """
            )
        },
        Operation("open_orders", 40) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, number, customer_id, total
                FROM erp_salesorder
                WHERE tenant_id = \(world.tenants.draw(random.next())) AND status IN ('new', 'paid')
                ORDER BY created
                LIMIT 50
                """
            )
        },
        Operation("warehouse_report", 12) { connection, world, random in
            let day = random.below(Days.count - 30)
            _ = try await connection.query(
                """
                SELECT kind, count(*), sum(quantity)
                FROM erp_stocktransaction
                WHERE warehouse_id = \(1 + random.below(world.volume.warehouses))
                  AND created >= \(Days.text(day))::date AND created < \(Days.text(day + 30))::date
                GROUP BY kind
                ORDER BY kind
                """
            )
        },
        Operation("products_of_supplier", 20) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, sku, name, stock
                FROM erp_product
                WHERE supplier_id = \(1 + random.below(world.volume.suppliers))
                ORDER BY sku
                LIMIT 100
                """
            )
        },
    ]
}
