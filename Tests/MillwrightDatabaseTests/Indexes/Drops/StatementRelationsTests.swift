// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Which statements name the table of an index")
struct StatementRelationsTests {
    private let target = DropTarget(
        index: "shop.ix",
        table: "shop.orders",
        relations: [.init(schema: "shop", name: "orders"), .init(schema: "shop", name: "Open Orders")]
    )

    @Test(
        "With its schema or without, read or written, by itself or by a view",
        arguments: [
            "SELECT * FROM orders WHERE id = $1", "SELECT * FROM SHOP.Orders AS o", "DELETE FROM orders",
            "UPDATE orders SET a = $1", "INSERT INTO orders VALUES ($1)", "SELECT * FROM \"Open Orders\"",
            "SELECT 1 WHERE EXISTS (SELECT FROM a JOIN orders USING (id))",
            "WITH x AS (SELECT * FROM orders) SELECT * FROM x",
            "WITH orders AS (SELECT * FROM shop.orders) SELECT * FROM orders",
            // newer than the parser, or cut off
            "SELECT * FROM JSON_TABLE($1, '$' COLUMNS (a int)) AS j JOIN Orders USING (a)",
        ]
    )
    func about(text: String) {
        var relations = StatementRelations()
        let isAbout = relations.isAbout(self.target, Statement(id: "1", text: text, calls: 1, totalSeconds: 1))

        #expect(isAbout)
    }

    @Test(
        "Not another schema's table of that name, a query of that name, a column, or a longer name",
        arguments: [
            "SELECT * FROM archive.orders", "WITH orders AS (SELECT 1) SELECT * FROM orders",
            "SELECT orders FROM customers", "SELECT * FROM orders_old", "SELECT 'orders'",
        ]
    )
    func notAbout(text: String) {
        var relations = StatementRelations()
        let isAbout = relations.isAbout(self.target, Statement(id: "1", text: text, calls: 1, totalSeconds: 1))

        #expect(!isAbout)
    }
}
