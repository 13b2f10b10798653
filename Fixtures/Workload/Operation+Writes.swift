// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension Operation {
    /// What changes: orders come in, tasks move on, and now and then one is deleted.
    static let writes = [
        Operation("place_order", 7) { connection, world, random in
            let customer = world.customers.draw(random.next())
            let products = (0...random.below(6)).map { _ in world.products.draw(random.next()) }
            let warehouse = 1 + random.below(world.volume.warehouses)
            try await connection.withTransaction { connection in
                try await Self.placeOrder(
                    of: products,
                    for: customer,
                    tenant: world.tenant(ofCustomer: customer),
                    from: warehouse,
                    on: connection
                )
            }
        },
        Operation("move_task", 4) { connection, world, random in
            let states = ["open", "in_progress", "blocked", "done"]
            let state = states[random.below(states.count)]
            try await connection.execute(
                """
                UPDATE tasks
                SET state = \(state), updated = now(),
                    completed = CASE WHEN \(state) = 'done' THEN now() END
                WHERE id = \(1 + random.below(world.volume.tasks))
                """
            )
        },
        Operation("log_activity", 8) { connection, world, random in
            try await connection.execute(
                """
                INSERT INTO activities (workspace_id, task_id, user_id, kind, created)
                SELECT p.workspace_id, t.id, \(world.users.draw(random.next()))::bigint, 'viewed', now()
                FROM tasks AS t
                JOIN projects AS p ON p.id = t.project_id
                WHERE t.id = \(1 + random.below(world.volume.tasks))
                """
            )
        },
        Operation("delete_task", 1) { connection, world, random in
            try await connection.execute("DELETE FROM tasks WHERE id = \(1 + random.below(world.volume.tasks))")
        },
    ]

    private static func placeOrder(
        of products: [Int],
        for customer: Int,
        tenant: Int,
        from warehouse: Int,
        on connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(
            """
            INSERT INTO erp_salesorder (tenant_id, customer_id, number, date, status, total, created)
            SELECT \(tenant)::int, \(customer)::bigint, 'WO-' || nextval('erp_salesorder_id_seq'), current_date, 'new',
                   sum(price), now()
            FROM erp_product
            WHERE id = ANY (\(products)::bigint[])
            RETURNING id
            """
        )
        let order = try rows[0].get(0, as: Int.self)
        try await connection.execute(
            """
            INSERT INTO erp_orderitem (order_id, product_id, quantity, price)
            SELECT \(order)::bigint, id, 1, price
            FROM erp_product
            WHERE id = ANY (\(products)::bigint[])
            """
        )
        try await connection.execute(
            """
            INSERT INTO erp_stocktransaction (product_id, warehouse_id, kind, quantity, reference, created)
            SELECT product, \(warehouse)::bigint, 'sale', -1, 'WO-' || \(order)::bigint, now()
            FROM unnest(\(products)::bigint[]) AS products (product)
            """
        )
    }
}
