// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Covered indexes")
struct CoveredIndexesTests {
    private func marks(_ indexes: CatalogIndex...) -> [String] {
        let table = CatalogTable(oid: 1, name: "public.big", pages: 10_000)
        return CoveredIndexes().verdict(on: Catalog(indexes: indexes, tables: [table])).marks
    }

    @Test("An index whose keys begin another one is covered by it, read forwards or backwards")
    func prefix() {
        #expect(self.marks(.on(1, oid: 10), .on(1, 2, oid: 11)) == ["indexes.W011 public.ix10"])
        #expect(self.marks(.on(1, oid: 10) { $0.options = [3] }, .on(1, 2, oid: 11)) == ["indexes.W011 public.ix10"])
        #expect(self.marks(.on(2, oid: 10), .on(1, 2, oid: 11)) == [])
    }

    @Test("A plain index beside a unique one of the same keys is covered; the unique one never is")
    func unique() {
        let unique = CatalogIndex.on(1, oid: 11) { $0.isUnique = true }

        #expect(self.marks(.on(1, oid: 10), unique) == ["indexes.W011 public.ix10"])
        #expect(self.marks(unique, .on(1, 2, oid: 12)) == [])
    }

    @Test("INCLUDE columns have to be in the covering index, as keys or included")
    func included() {
        let narrow = CatalogIndex.on(1, 3, oid: 10) {
            $0.keyCount = 1
            $0.classes = [1978]
            $0.collations = [0]
            $0.options = [0]
        }

        #expect(self.marks(narrow, .on(1, 3, oid: 11)) == ["indexes.W011 public.ix10"])
        #expect(self.marks(narrow, .on(1, 2, oid: 11)) == [])
    }

    @Test("What the wider index does not serve is not covered", arguments: unserved.indices)
    func exceptions(position: Int) {
        #expect(self.marks(.on(1, oid: 10, change: Self.unserved[position]), .on(1, 2, oid: 11)) == [])
    }

    private static let unserved: [@Sendable (inout CatalogIndex) -> Void] = [
        { $0.predicate = "(b = 1)" }, { $0.collations = [100] }, { $0.classes = [10026] }, { $0.options = [2] },
        { $0.method = "gin" }, { $0.isUnique = true }, { $0.isReplicaIdentity = true }, { $0.isClustered = true },
        { $0.parent = 7 }, { $0.isReferenced = true }, { $0.isValid = false }, { $0.pages = 10 },
    ]

    @Test("Expressions are compared as the server writes them")
    func expressions() {
        let narrow = CatalogIndex.on(0, oid: 10) { $0.keyDefinitions = ["lower(a)"] }

        let same = self.marks(narrow, .on(0, 2, oid: 11) { $0.keyDefinitions = ["lower(a)", "b"] })
        let more = self.marks(narrow, .on(0, 0, oid: 11) { $0.keyDefinitions = ["lower(a)", "upper(b)"] })
        let other = self.marks(narrow, .on(0, 2, oid: 11) { $0.keyDefinitions = ["upper(a)", "b"] })

        #expect(same == ["indexes.W011 public.ix10"])
        #expect(more == ["indexes.W011 public.ix10"])
        #expect(other == [])
    }
}
