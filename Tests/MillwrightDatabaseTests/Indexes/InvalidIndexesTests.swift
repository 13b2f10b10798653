// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Invalid indexes")
struct InvalidIndexesTests {
    private func findings(_ index: CatalogIndex, building: Set<Int> = []) -> [Finding] {
        InvalidIndexes().verdict(on: .init(catalog: .of(index), building: building)).findings
    }

    @Test("Each cause has its own cure")
    func causes() {
        let failed = self.findings(.on(1, oid: 10) { $0.isValid = false })
        let early = self.findings(
            .on(1, oid: 10) {
                $0.isValid = false
                $0.isReady = false
            }
        )
        let waiting = self.findings(
            .on(1, oid: 10) {
                $0.isValid = false
                $0.isPartitioned = true
            }
        )

        #expect(failed.map(\.id) == ["indexes.E001"])
        #expect(failed[0].remedy?.commands == ["REINDEX INDEX CONCURRENTLY public.ix10;"])
        #expect(early.map(\.id) == ["indexes.W002"])
        #expect(early[0].remedy?.commands == ["DROP INDEX CONCURRENTLY public.ix10;"])
        #expect(waiting.map(\.id) == ["indexes.I004"])
        #expect(waiting[0].remedy?.commands == [])
    }

    @Test(
        "What REINDEX CONCURRENTLY left behind is dropped, never rebuilt",
        arguments: ["public.ix_ccnew", "public.ix_ccnew3", "public.ix_ccold", "public.\"Odd ix_ccnew1\""]
    )
    func remnants(name: String) {
        let copy = CatalogIndex.on(1, oid: 10, name: name) { $0.isValid = false }
        let catalog = Catalog.of(copy, .on(1, oid: 9))
        let found = InvalidIndexes().verdict(on: .init(catalog: catalog)).findings
        let alone = self.findings(copy)

        #expect(alone.map(\.id) == ["indexes.E001"])

        #expect(found.map(\.id) == ["indexes.W003"])
        #expect(found[0].remedy?.commands == ["DROP INDEX CONCURRENTLY \(name);"])
    }

    @Test("A unique index is not rebuilt before its duplicates are gone")
    func unique() {
        let found = self.findings(
            .on(1, oid: 10) {
                $0.isValid = false
                $0.isUnique = true
            }
        )

        #expect(found[0].remedy?.advice.contains("equal keys") == true)
    }

    @Test("A hash index, or a constraint's, is marked by pg_upgrade: it is rebuilt")
    func upgraded() {
        let hash = self.findings(
            .on(1, oid: 10) {
                $0.isValid = false
                $0.method = "hash"
            }
        )
        let exclusion = self.findings(
            .on(1, oid: 10) {
                $0.isValid = false
                $0.isExclusion = true
                $0.constraint = "x"
            }
        )

        #expect(hash.map(\.id) == ["indexes.W005"])
        #expect(hash[0].remedy?.commands == ["REINDEX INDEX CONCURRENTLY public.ix10;"])
        #expect(exclusion[0].remedy?.commands == ["REINDEX INDEX public.ix10;"])
    }

    @Test("An index that is being built now is left in peace")
    func building() {
        #expect(self.findings(.on(1, oid: 10) { $0.isValid = false }, building: [1]) == [])
    }
}
