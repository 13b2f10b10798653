// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Bloated indexes")
struct BloatedIndexesTests {
    private static let integer = BtreeSize.Column(length: 4, alignment: 4)

    private func suspect(pages: Int, need: BtreeSize?, measured: IndexMeasurement? = nil) -> BloatedIndexes.Suspect {
        let index = CatalogIndex.on(1, oid: 10) { $0.pages = pages }
        return BloatedIndexes.Suspect(index: index, bytes: pages * 8192, need: need, measurement: measured)
    }

    private func verdict(_ suspect: BloatedIndexes.Suspect, readsStatistics: Bool = false) -> Verdict {
        BloatedIndexes().verdict(
            on: .init(catalog: .of(suspect.index), suspects: [suspect], role: "app", readsStatistics: readsStatistics)
        )
    }

    // A primary key of a million integers, built anew on PostgreSQL 15: 2,745 pages.
    @Test("The size of a fresh index is worked out within two percent")
    func model() throws {
        let size = try #require(
            BtreeSize(rows: 1_000_000, columns: [Self.integer], fillFactor: nil, canDeduplicate: false)
        )

        #expect(abs(size.range.upperBound / 8192 / 2745 - 1) < 0.02)
    }

    // A million rows of ten distinct integers: 851 pages.
    @Test("Equal keys stored once make the lower end of the range")
    func deduplication() throws {
        var column = Self.integer
        column.distinct = 10
        let size = try #require(BtreeSize(rows: 1_000_000, columns: [column], fillFactor: nil, canDeduplicate: true))

        #expect(abs(size.range.lowerBound / 8192 / 851 - 1) < 0.06)
        #expect(size.range.upperBound > 3 * size.range.lowerBound)
    }

    @Test("A column whose width is not known makes no size")
    func unknownWidth() {
        let text = BtreeSize.Column(length: -1, alignment: 4)

        #expect(BtreeSize(rows: 10, columns: [text], fillFactor: nil, canDeduplicate: true) == nil)
        #expect(BtreeSize(rows: -1, columns: [Self.integer], fillFactor: nil, canDeduplicate: true) == nil)
    }

    @Test("An estimate is a finding only by what is wasted at least, and of low confidence")
    func estimated() {
        let need = BtreeSize(rows: 100_000, columns: [Self.integer], fillFactor: nil, canDeduplicate: false)
        let found = self.verdict(self.suspect(pages: 1000, need: need))

        #expect(found.marks == ["indexes.W050 public.ix10"])
        #expect(found.findings[0].confidence == .low)
        #expect(self.verdict(self.suspect(pages: 300, need: need)).marks == [])
    }

    @Test("A measurement settles it, either way")
    func measured() {
        let need = BtreeSize(rows: 100_000, columns: [Self.integer], fillFactor: nil, canDeduplicate: false)
        let dense = IndexMeasurement(bytes: 8_192_000, leafPages: 995, emptyPages: 0, leafDensity: 89)
        let hollow = IndexMeasurement(bytes: 8_192_000, leafPages: 500, emptyPages: 495, leafDensity: 40)

        #expect(self.verdict(self.suspect(pages: 1000, need: need, measured: dense)).marks == [])
        let found = self.verdict(self.suspect(pages: 1000, need: nil, measured: hollow)).findings
        #expect(found.map(\.confidence) == [.high])
        #expect(found[0].remedy?.commands == ["REINDEX INDEX CONCURRENTLY public.ix10;"])
    }

    @Test("A loosely filled index wastes nothing")
    func fillFactor() {
        let loose = IndexMeasurement(bytes: 8_192_000, leafPages: 1000, emptyPages: 0, leafDensity: 50, fillFactor: 50)

        #expect(loose.wasted == 0)
    }

    @Test("Where nobody may see the statistics the answer is not known, with the statement that lets one see")
    func blind() {
        let suspect = self.suspect(pages: 1000, need: nil)

        guard case .unknown(_, let grant) = self.verdict(suspect),
            case .unknown(_, let analyze) = self.verdict(suspect, readsStatistics: true)
        else {
            Issue.record("It should not know.")
            return
        }
        #expect(grant == "GRANT pg_read_all_data TO app;")
        #expect(analyze == "ANALYZE;")
    }
}
