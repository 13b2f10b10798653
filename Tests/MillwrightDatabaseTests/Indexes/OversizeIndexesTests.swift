// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Oversize indexes")
struct OversizeIndexesTests {
    private func verdict(_ suspect: OversizeIndexes.Suspect, readsStatistics: Bool = true) -> Verdict {
        OversizeIndexes(minimumRatio: 1, minimumBytes: 1 << 20).verdict(
            on: .init(catalog: .of(suspect.index), suspects: [suspect], role: "dba", readsStatistics: readsStatistics)
        )
    }

    @Test("An index whose content is bigger than its table is named, with what was measured")
    func oversize() {
        let finding = self.verdict(.init(index: .on(1, oid: 10) { $0.pages = 20_000 }, measuredBytes: 90 << 20))

        #expect(finding.marks == ["indexes.I060 public.ix10"])
        #expect(finding.findings[0].confidence == .high)
    }

    @Test("An index that is big because it is empty is not")
    func swollen() {
        #expect(self.verdict(.init(index: .on(1, oid: 10) { $0.pages = 20_000 }, measuredBytes: 5 << 20)).marks == [])
    }

    @Test("Where neither a measurement nor the statistics tell, nobody knows, and a GRANT cures it")
    func blind() {
        let index = CatalogIndex.on(1, oid: 10) { $0.pages = 20_000 }
        let suspect = OversizeIndexes.Suspect(index: index, columns: [.init(length: -1, alignment: 4)])

        guard case .unknown(_, let cure) = self.verdict(suspect, readsStatistics: false) else {
            Issue.record("It should not know.")
            return
        }
        #expect(cure == "GRANT pg_read_all_data TO dba;")
    }

    @Test("Only a valid btree bigger than its table is suspected")
    func suspects() {
        let check = OversizeIndexes()
        let big = CatalogIndex.on(1, oid: 10) { $0.pages = 10_000 }

        #expect(check.isSuspect(big, in: .of(big)))
        for change: (inout CatalogIndex) -> Void in [
            { $0.method = "gin" }, { $0.isValid = false }, { $0.pages = 9_000 }, { $0.isPartitioned = true },
        ] {
            var other = big
            change(&other)
            #expect(!check.isSuspect(other, in: .of(other)))
        }
    }
}
