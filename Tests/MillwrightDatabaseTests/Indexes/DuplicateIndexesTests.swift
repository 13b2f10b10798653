// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Duplicate indexes")
struct DuplicateIndexesTests {
    private func marks(_ first: CatalogIndex, _ second: CatalogIndex) -> [String] {
        DuplicateIndexes().verdict(on: .of(first, second)).marks
    }

    @Test("Two indexes that differ in nothing but their name are one too many: the younger goes")
    func same() {
        #expect(self.marks(.on(1, oid: 10), .on(1, oid: 11)) == ["indexes.W010 public.ix11"])
    }

    @Test("An index read backwards is the same index, when every column is turned round")
    func reversal() {
        let whole = self.marks(.on(1, 2, oid: 10), .on(1, 2, oid: 11) { $0.options = [3, 3] })
        let half = self.marks(.on(1, 2, oid: 10), .on(1, 2, oid: 11) { $0.options = [0, 3] })
        let nullsFirst = self.marks(.on(1, oid: 10), .on(1, oid: 11) { $0.options = [2] })

        #expect(whole == ["indexes.W010 public.ix11"])
        #expect(half == [])
        #expect(nullsFirst == [])
    }

    @Test("What differs in anything that matters is not the same", arguments: unlike.indices)
    func differences(position: Int) {
        #expect(self.marks(.on(1, oid: 10), .on(1, oid: 11, change: Self.unlike[position])) == [])
    }

    private static let unlike: [@Sendable (inout CatalogIndex) -> Void] = [
        { $0.collations = [100] }, { $0.classes = [10026] }, { $0.predicate = "(b = 1)" }, { $0.isUnique = true },
        { $0.method = "hash" }, { $0.columns = [1, 2] }, { $0.isImmediate = false }, { $0.distinguishesNulls = false },
        { $0.expressions = "lower(a)" }, { $0.isValid = false }, { $0.isReady = false }, { $0.table = 2 },
        { $0.isExclusion = true },
    ]

    @Test("Equal predicates, expressions and INCLUDE columns in any order make the same index")
    func partial() {
        let change: @Sendable (inout CatalogIndex) -> Void = {
            $0.predicate = "(state = 'open'::text)"
            $0.expressions = "lower(email)"
            $0.keyCount = 1
        }
        #expect(self.marks(.on(0, 2, 3, oid: 10, change: change), .on(0, 3, 2, oid: 11, change: change)).count == 1)
    }

    @Test(
        "The index worth more stays: primary key, constraint, replica identity, clustered, more scans",
        arguments: worthier.indices
    )
    func keeping(position: Int) {
        let change = Self.worthier[position]

        #expect(self.marks(.on(1, oid: 10), .on(1, oid: 11, change: change)) == ["indexes.W010 public.ix10"])
    }

    private static let worthier: [@Sendable (inout CatalogIndex) -> Void] = [
        { $0.isPrimary = true }, { $0.constraint = "u" }, { $0.isReplicaIdentity = true }, { $0.isClustered = true },
        { $0.scans = 5 }, { $0.isReferenced = true }, { $0.parent = 9 },
    ]

    @Test("Of two constraints with the same index neither can be dropped")
    func constraints() {
        let change: @Sendable (inout CatalogIndex) -> Void = {
            $0.isUnique = true
            $0.constraint = "u"
        }
        #expect(self.marks(.on(1, oid: 10, change: change), .on(1, oid: 11, change: change)) == [])
    }

    @Test("The remedy drops concurrently, and plainly where the table is partitioned")
    func remedy() {
        let plain = DuplicateIndexes().verdict(on: .of(.on(1, oid: 10), .on(1, oid: 11)))
        let partitioned = DuplicateIndexes().verdict(
            on: .of(.on(1, oid: 10) { $0.isPartitioned = true }, .on(1, oid: 11) { $0.isPartitioned = true })
        )

        #expect(plain.findings[0].remedy?.commands == ["DROP INDEX CONCURRENTLY public.ix11;"])
        #expect(partitioned.findings[0].remedy?.commands == ["DROP INDEX public.ix11;"])
    }
}
