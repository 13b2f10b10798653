// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Index candidates")
struct IndexCandidateTests {
    private static let orders = IndexableTable(
        oid: 1,
        schema: "public",
        name: "orders",
        rows: 100_000,
        columns: [
            .init(number: 1, name: "id", distinct: -1), .init(number: 2, name: "customer_id", distinct: 5000),
            .init(number: 3, name: "status", distinct: 4), .init(number: 4, name: "created", distinct: -0.9),
            .init(number: 5, name: "Odd col", distinct: nil),
        ]
    )
    private static let items = IndexableTable(
        oid: 2,
        schema: "public",
        name: "items",
        rows: 500_000,
        columns: [.init(number: 1, name: "id", distinct: -1), .init(number: 2, name: "order_id", distinct: -0.2)]
    )

    private func candidates(_ sql: String) throws -> [String] {
        let candidates = try #require(IndexCandidate.all(for: sql, on: [Self.orders, Self.items]))
        return candidates.map { "\($0.table): \($0.columns)" }
    }

    @Test("Equality columns come first, the most selective leading, then the order of the rows")
    func equalityThenOrder() throws {
        let sql = "SELECT * FROM orders WHERE status = $1 AND customer_id = $2 ORDER BY created DESC LIMIT $3"

        #expect(
            try self.candidates(sql) == [
                "1: customer_id", "1: customer_id, status", "1: customer_id, status, created",
            ]
        )
    }

    @Test("Without a limit the order of the rows makes no index; mixed directions are kept")
    func order() throws {
        #expect(try self.candidates("SELECT * FROM orders ORDER BY created") == [])
        #expect(
            try self.candidates("SELECT * FROM orders ORDER BY created, id DESC LIMIT 5") == ["1: created, id DESC"]
        )
        #expect(
            try self.candidates("SELECT * FROM orders ORDER BY created DESC, id DESC LIMIT 5") == ["1: created, id"]
        )
        #expect(try self.candidates("SELECT * FROM orders ORDER BY created DESC NULLS LAST LIMIT 5") == [])
    }

    @Test("One range follows the equality columns")
    func range() throws {
        #expect(
            try self.candidates("SELECT * FROM orders WHERE status IN ($1, $2) AND created BETWEEN $3 AND $4") == [
                "1: status", "1: status, created",
            ]
        )
    }

    @Test("Join columns serve the inner side, a subquery's reference to the outer row too")
    func joins() throws {
        #expect(
            try self.candidates("SELECT * FROM orders o JOIN items i ON i.order_id = o.id WHERE o.customer_id = $1")
                .contains("2: order_id")
        )
        #expect(
            try self.candidates("SELECT (SELECT count(*) FROM items i WHERE i.order_id = o.id) FROM orders o")
                .contains("2: order_id")
        )
    }

    @Test("UPDATE, DELETE and both sides of a UNION are looked at")
    func statements() throws {
        #expect(try self.candidates("UPDATE orders SET status = $1 WHERE customer_id = $2") == ["1: customer_id"])
        #expect(try self.candidates("DELETE FROM orders AS o WHERE o.customer_id = ANY ($1)") == ["1: customer_id"])
        #expect(
            try self.candidates(
                "SELECT 1 FROM orders WHERE customer_id = $1 UNION SELECT 1 FROM items WHERE order_id = $2"
            )
                == ["1: customer_id", "2: order_id"]
        )
    }

    @Test(
        "What a plain btree does not serve makes no candidate",
        arguments: [
            "SELECT * FROM orders WHERE lower(status) = $1", "SELECT * FROM orders WHERE status = $1 OR id = $2",
            "SELECT * FROM orders WHERE status IS NULL", "SELECT * FROM orders WHERE status LIKE $1",
            "SELECT * FROM orders WHERE id::text = $1",
            "SELECT * FROM elsewhere WHERE customer_id = $1", "SELECT * FROM other.orders WHERE customer_id = $1",
            "WITH orders AS (SELECT 1 AS customer_id) SELECT * FROM orders WHERE customer_id = $1",
            "INSERT INTO orders (id) VALUES ($1)",
        ]
    )
    func none(sql: String) throws {
        #expect(try self.candidates(sql) == [])
    }

    @Test("Names that need quotes keep them")
    func quotes() throws {
        #expect(try self.candidates("SELECT * FROM orders WHERE \"Odd col\" = $1") == ["1: \"Odd col\""])
    }

    @Test("A column without a qualifier is that of the table that has it; min and max read one end of an index")
    func resolved() throws {
        #expect(try self.candidates("SELECT * FROM orders, items WHERE status = $1") == ["1: status"])
        #expect(try self.candidates("SELECT max(created) FROM orders") == ["1: created"])
    }

    @Test("A text that is no statement, or too long to be worth parsing, has no candidates")
    func unparsable() {
        #expect(IndexCandidate.all(for: "SELECT FROM WHERE", on: [Self.orders]) == nil)
        let long = "SELECT " + String(repeating: "1, ", count: 10_000) + "1"
        #expect(IndexCandidate.all(for: long, on: [Self.orders]) == nil)
    }

    @Test("An index that is there makes a candidate needless; a partial one on its column makes it doubtful")
    func served() throws {
        let candidate = IndexCandidate(table: 1, keys: [.init(name: "customer_id")])
        let serves = { (index: CatalogIndex) in
            Catalog(indexes: [index], tables: [.big]).serves(candidate, columns: [Self.orders])
        }

        #expect(serves(.on(2, 3, oid: 10)))
        #expect(serves(.on(2, oid: 10) { $0.method = "hash" }))
        #expect(serves(.on(2, oid: 10) { $0.predicate = "(status = 'open'::text)" }))
        #expect(!serves(.on(3, 2, oid: 10)))
        #expect(!serves(.on(2, oid: 10) { $0.method = "gin" }))
        #expect(!serves(.on(2, oid: 10) { $0.isValid = false }))
    }
}
