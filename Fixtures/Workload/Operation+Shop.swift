// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension Operation {
    /// What customers and the people who serve them look up: one row or a page of rows by an index.
    static let shop = [
        Operation("product_page", 230) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, sku, name, price, stock, attributes
                FROM erp_product
                WHERE id = \(world.products.draw(random.next()))
                """
            )
        },
        Operation("category_page", 90) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, sku, name, price
                FROM erp_product
                WHERE category_id = \(world.categories.draw(random.next())) AND active
                ORDER BY created DESC
                LIMIT 24
                """
            )
        },
        Operation("customer_by_email", 70) { connection, world, random in
            let customer = world.customers.draw(random.next())
            _ = try await connection.query(
                """
                SELECT id, name, company
                FROM erp_customer
                WHERE tenant_id = \(world.tenant(ofCustomer: customer)) AND email = \("customer\(customer)@example.com")
                """
            )
        },
        Operation("order_history", 120) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, number, date, status, total
                FROM erp_salesorder
                WHERE customer_id = \(world.customers.draw(random.next()))
                ORDER BY date DESC
                LIMIT 20
                """
            )
        },
        Operation("order_count", 20) { connection, world, random in
            _ = try await connection.query(
                "SELECT count(*) FROM erp_salesorder WHERE customer_id = \(world.customers.draw(random.next()))"
            )
        },
        Operation("order_page", 110) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT i.quantity, i.price, i.discount, p.sku, p.name
                FROM erp_orderitem AS i
                JOIN erp_product AS p ON p.id = i.product_id
                WHERE i.order_id = \(1 + random.below(world.volume.orders))
                """
            )
        },
        Operation("order_by_number", 40) { connection, world, random in
            let digits = String(1 + random.below(world.volume.orders))
            let number = "SO-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
            _ = try await connection.query(
                "SELECT id, customer_id, status, total FROM erp_salesorder WHERE number = \(number)"
            )
        },
        Operation("sales_of_product", 20) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT count(*), sum(quantity)
                FROM erp_orderitem
                WHERE product_id = \(1 + random.below(world.volume.products))
                """
            )
        },
    ]
}
