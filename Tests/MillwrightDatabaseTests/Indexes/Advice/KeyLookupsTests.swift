// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Lookups by foreign keys")
struct KeyLookupsTests {
    private static func table(_ oid: Int, _ name: String, rows: Double, key: String, values: Double) -> AdvisedTable {
        let column = AdvisedTable.Column(name: key, type: "integer", length: 4, alignment: 4, distinct: values)
        return AdvisedTable(oid: oid, schema: "public", name: name, rows: rows, pages: rows / 100, columns: [column])
    }

    private static let tables = TableNames(
        [
            Self.table(1, "customer", rows: 100, key: "id", values: 100),
            Self.table(2, "ordering", rows: 1000, key: "customer", values: 100),
            Self.table(3, "line", rows: 6000, key: "ordering", values: 2000),
        ],
        searchPath: ["public"]
    )

    private static func key(_ table: String, of parent: String, cascades: Bool = false) -> ReferencingKey {
        ReferencingKey(
            name: "\(table)_fkey",
            parentSchema: "public",
            parent: parent,
            schema: "public",
            table: table,
            columns: [parent],
            isPartitioned: false,
            cascades: cascades
        )
    }

    private static func query(
        _ text: String,
        _ weight: WorkloadStatement.Weight,
        calls: Double = 1,
        rows: Double?,
        cost: Double
    ) -> AdvisedQuery {
        let statement = WorkloadStatement(name: text, text: text, weight: weight, calls: calls, rowsPerCall: rows)
        return AdvisedQuery(statement: statement, text: text, uses: [], cost: cost)
    }

    private static func lookups(_ queries: [AdvisedQuery], _ keys: [ReferencingKey]) -> KeyLookups {
        let queries = queries.map { query in
            var query = query
            query.deletesFrom = QueryParser.tree(of: query.text)?.deleteTarget
                .flatMap { Self.tables.position(of: $0.table, in: $0.schema) }
            return query
        }
        return KeyLookups(of: queries, by: keys, on: Self.tables)
    }

    @Test("A DELETE looks every key up that refers to its table, once for each row")
    func delete() throws {
        let query = Self.query("DELETE FROM customer WHERE id < 5", .calls(3), calls: 3, rows: 4, cost: 8)

        let lookups = Self.lookups([query], [Self.key("ordering", of: "customer"), Self.key("line", of: "ordering")])

        let statement = try #require(lookups.statements.first)
        #expect(lookups.statements.count == 1)
        #expect(statement.text == "SELECT ctid FROM ONLY public.ordering WHERE customer = $1")
        #expect(statement.weight == .calls(12))
        #expect(statement.calls == 12)
    }

    @Test("What deletes in turn is followed: as many rows as a key's value has")
    func cascade() {
        let query = Self.query("DELETE FROM customer WHERE id = 5", .calls(1), rows: 1, cost: 8)

        let lookups = Self.lookups(
            [query],
            [Self.key("ordering", of: "customer", cascades: true), Self.key("line", of: "ordering")]
        )

        #expect(lookups.statements.map(\.weight) == [.calls(1), .calls(10)])
    }

    @Test("A key that refers to its own table by a cascade is followed to an end")
    func circle() {
        let query = Self.query("DELETE FROM customer WHERE id = 5", .calls(1), rows: 1, cost: 8)

        let lookups = Self.lookups([query], [Self.key("customer", of: "customer", cascades: true)])

        #expect(lookups.statements.count == 1)
    }

    @Test(
        "Only what deletes rows that are referred to looks anything up",
        arguments: [
            ("DELETE FROM public.customer", 1), ("UPDATE customer SET id = 7 WHERE id = 5", 0),
            ("SELECT * FROM customer", 0), ("INSERT INTO customer VALUES (1)", 0), ("DELETE FROM line", 0),
        ]
    )
    func touching(_ text: String, count: Int) {
        let query = Self.query(text, .calls(1), rows: 1, cost: 8)

        #expect(Self.lookups([query], [Self.key("ordering", of: "customer")]).statements.count == count)
    }

    @Test("A statement's time is split between itself and its lookups as their costs are")
    func time() {
        let text = "DELETE FROM customer WHERE id < 5"
        var queries = [Self.query(text, .seconds(60), calls: 10, rows: 4, cost: 20)]
        let lookups = Self.lookups(queries, [Self.key("ordering", of: "customer")])
        var lookup = Self.query(lookups.statements[0].text, .seconds(0), rows: nil, cost: 10)
        lookup.statement = lookups.statements[0]
        queries.append(lookup)

        lookups.share(among: &queries)

        #expect(queries.map(\.statement.weight) == [.seconds(20), .seconds(40)])
    }

    @Test(
        "What the server sends itself for a foreign key is no statement of the workload",
        arguments: [
            (#"SELECT $2 FROM ONLY "public"."ordering" x WHERE $1 OPERATOR(pg_catalog.=) "customer""#, true),
            (#"DELETE FROM ONLY "public"."ordering" WHERE $1 OPERATOR(public.=) "customer""#, true),
            ("SELECT id FROM ordering WHERE customer = $1", false),
        ]
    )
    func counted(_ text: String, isLookup: Bool) {
        #expect(Statement(id: "", text: text, calls: 1, totalSeconds: 1).isKeyLookup == isLookup)
    }
}
