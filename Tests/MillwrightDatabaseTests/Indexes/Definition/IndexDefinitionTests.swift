// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightDatabase
import Testing

@Suite("Index definitions")
struct IndexDefinitionTests {
    private func orders(_ keys: [IndexDefinition.Key], included: [String] = [], predicate: String? = nil)
        -> IndexDefinition
    {
        IndexDefinition(schema: "public", table: "orders", keys: keys, included: included, predicate: predicate)
    }

    @Test("Everything that an index can have is written in the order that CREATE INDEX wants")
    func sql() {
        let definition = IndexDefinition(
            schema: "Shop",
            table: "order",
            keys: [
                IndexDefinition.Key(.expression("lower(email)"), operatorClass: "text_pattern_ops"),
                .column("Day", isDescending: true),
                IndexDefinition.Key(.column("due"), collation: "\"C\"", nullsFirst: true),
            ],
            included: ["total", "a b"],
            predicate: "status = 'new'"
        )

        #expect(
            definition.sql(name: "Odd ix") == """
                CREATE INDEX CONCURRENTLY "Odd ix" ON "Shop"."order" ((lower(email)) text_pattern_ops, "Day" DESC, \
                due COLLATE "C" NULLS FIRST) INCLUDE (total, "a b") WHERE status = 'new'
                """
        )
    }

    @Test("An order of NULLs that the direction has by itself is not written")
    func defaultNulls() {
        let key = IndexDefinition.Key(.column("day"), isDescending: true, nullsFirst: true)

        #expect(key.sql == "day DESC")
    }

    @Test("Another method is named; without CONCURRENTLY the statement can stand in a transaction")
    func method() {
        let definition = IndexDefinition(schema: "public", table: "log", method: "brin", keys: [.column("at")])

        #expect(definition.sql(concurrently: false) == "CREATE INDEX ON public.log USING brin (at)")
    }

    @Test("A full btree whose keys come first in another is covered by it, one with another predicate is not")
    func prefix() {
        let short = self.orders([.column("tenant")], included: ["total"])
        let long = self.orders([.column("tenant"), .column("day")], included: ["total"])

        #expect(short.isPrefix(of: long))
        #expect(!long.isPrefix(of: short))
        #expect(!self.orders([.column("tenant")], included: ["note"]).isPrefix(of: long))
        #expect(!self.orders([.column("tenant")], predicate: "day IS NULL").isPrefix(of: long))
    }

    @Test("A name says what is in the index, is no longer than a name can be, and is free")
    func names() {
        let definition = self.orders([.column("tenant"), .init(.expression("lower((email)::text)"))])
        let long = self.orders([.column(String(repeating: "ä", count: 40))])

        #expect(definition.name() == "orders_tenant_lower_email_text_idx")
        #expect(
            definition.name(avoiding: ["orders_tenant_lower_email_text_idx"]) == "orders_tenant_lower_email_text_idx1"
        )
        #expect(long.name().utf8.count <= 63)
    }
}
