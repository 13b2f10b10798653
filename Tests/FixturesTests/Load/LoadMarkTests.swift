// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("Tables in the way of a load")
struct LoadMarkTests {
    @Test("A mark is read back as it was written", arguments: [true, false])
    func roundTrip(isComplete: Bool) {
        let mark = LoadMark(scale: 0.05, seed: 7, isComplete: isComplete)

        #expect(LoadMark(mark.text) == mark)
    }

    @Test("Another comment is nobody's mark", arguments: [nil, "", "Users of the shop", "Millwright fixture erp"])
    func others(text: String?) {
        #expect(LoadMark(text) == nil)
    }

    @Test("Without tables a load begins at once")
    func nothingThere() throws {
        #expect(try ExistingTables(tables: []).decision(for: ERP.LoadOptions()) == .load(dropping: []))
    }

    @Test("An unfinished load is replaced when told to, and never kept")
    func unfinished() throws {
        let tables = ExistingTables(
            tables: ERP.tables.map { ($0, LoadMark(scale: 1, seed: 1, isComplete: false).text) }
        )

        #expect(try tables.decision(for: ERP.LoadOptions(existing: .replace)) == .load(dropping: ERP.tables))
        #expect(throws: LoadError.self) { try tables.decision(for: ERP.LoadOptions(existing: .keep)) }
    }

    @Test("One foreign table is enough to refuse, whatever was asked for")
    func foreign() {
        let tables = ExistingTables(tables: [
            ("erp_product", LoadMark(scale: 1, seed: 1, isComplete: true).text), ("users", nil),
        ])

        #expect(throws: LoadError.self) { try tables.decision(for: ERP.LoadOptions(existing: .replace)) }
    }
}
