// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("What statements ask of tables")
struct StatementReadingTests {
    static func table(_ name: String, _ columns: [String], schema: String = "public") -> AdvisedTable {
        AdvisedTable(
            oid: name.count,
            schema: schema,
            name: name,
            rows: 100_000,
            pages: 2000,
            columns: columns.map {
                AdvisedTable.Column(name: $0, type: "integer", length: 4, alignment: 4, averageWidth: 4, distinct: 100)
            }
        )
    }

    private static let tables = TableNames(
        [
            Self.table(
                "orders",
                ["id", "tenant", "status", "created", "total", "note", "deleted", "details", "is_open"]
            ),
            Self.table("items", ["order_id", "sku", "amount"]),
        ],
        searchPath: ["public"]
    )

    private func uses(_ sql: String) throws -> [TableUse] {
        let tree = try #require(QueryParser.tree(of: sql))
        return StatementReading(tree, text: sql, tables: Self.tables).uses
    }

    @Test("Equality, ranges, order and the columns read; names without a table are found through the catalog")
    func simple() throws {
        let use = try self.uses(
            """
            SELECT id, sum(total) FROM orders WHERE tenant = 5 AND 'x' = status AND created BETWEEN 1 AND 2
            GROUP BY id ORDER BY created DESC, id LIMIT 5
            """
        )[0]

        #expect(use.equal == [.column("tenant"), .column("status")])
        #expect(use.ranges == [.column("created")])
        #expect(use.order.map(\.sql) == ["created DESC", "id"])
        #expect(use.groups == [.column("id")])
        #expect(use.columns == ["id", "total", "tenant", "status", "created"])
        #expect(use.hasLimit)
    }

    @Test("A correlated subquery joins with the table outside, and EXISTS reads nothing that it lists")
    func correlated() throws {
        let uses = try self.uses(
            "SELECT o.id FROM orders o WHERE EXISTS (SELECT * FROM items WHERE order_id = o.id AND amount > 3)"
        )

        #expect(uses[0].joined == [.column("id")])
        #expect(uses[1].joined == [.column("order_id")])
        #expect(uses[1].columns == ["order_id", "amount"])
    }

    @Test("Expressions of one table's columns are parts; a CTE's name is no table")
    func expressions() throws {
        let uses = try self.uses(
            """
            WITH items AS (SELECT id FROM orders WHERE lower(note) = 'a' AND details ->> 'kind' = 'b')
            SELECT * FROM items WHERE sku = 1
            """
        )

        #expect(uses.count == 1)
        #expect(uses[0].equal == [.expression("lower(note)"), .expression("details ->> 'kind'")])
    }

    @Test("Lasting conditions can limit an index; ranges, placeholders and those of outer joins cannot")
    func conditions() throws {
        let uses = try self.uses(
            """
            SELECT 1 FROM orders o LEFT JOIN items i ON i.order_id = o.id AND i.sku IS NULL
            WHERE o.deleted IS NULL AND is_open AND NOT o.is_open AND status = 'new' AND tenant = $1 AND created > 5
              AND o.total < o.id AND note <> 'x' AND id = -3
            """
        )

        #expect(
            uses[0].conditions.map(\.sql) == [
                "deleted IS NULL", "is_open", "NOT (is_open)", "status = 'new'", "total < id", "note <> 'x'", "id = -3",
            ]
        )
        #expect(uses[0].conditions[3].kind == .value(column: "status"))
        #expect(uses[1].conditions.isEmpty)
    }

    @Test("Patterns with a fixed beginning and those for an inverted index are told apart")
    func patterns() throws {
        let use = try self.uses("SELECT 1 FROM orders WHERE note LIKE 'a%' AND status LIKE '%b' AND details @> '{}'")[0]

        #expect(use.patterns == [.column("note")])
        #expect(use.inverted.map(\.part) == [.column("status"), .column("details")])
    }

    @Test("UPDATE, DELETE and min() are read as well")
    func others() throws {
        #expect(try self.uses("UPDATE orders SET note = 'x' WHERE tenant = 1")[0].equal == [.column("tenant")])
        #expect(try self.uses("DELETE FROM orders WHERE created < 4")[0].ranges == [.column("created")])
        #expect(try self.uses("SELECT max(created) FROM orders")[0].order == [.column("created")])
    }
}
