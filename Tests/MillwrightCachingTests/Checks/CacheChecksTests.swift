// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCaching

@Suite("The list of cache checks")
struct CacheChecksTests {
    @Test("Names and ids are unique, names are kebab-case, the list is in order")
    func list() {
        let names = CacheChecks.all.map { type(of: $0).name }
        let ids = CacheChecks.all.flatMap { type(of: $0).ids }

        #expect(Set(names).count == names.count && Set(ids).count == ids.count)
        #expect(names == names.sorted())
        #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
        #expect(ids.allSatisfy { $0.hasPrefix("caches.") })
    }

    @Test("Nothing seen gives a section without findings and with every alias in its table")
    func emptySection() {
        let section = observation().section()

        #expect(section.key == "caches")
        #expect(section.outcomes.count == CacheChecks.all.count)
        #expect(section.outcomes.flatMap(\.verdict.findings).isEmpty)
        #expect(section.tables.map(\.key) == ["cache_servers", "cache_aliases", "cache_groups"])
        #expect(section.tables[1].rows.count == 2)
    }

    @Test("Every row has as many cells as its table has columns, seen or not")
    func rectangular() {
        var sample = KeySample()
        sample.add(
            .init("erp:1:product:1", remainingMilliseconds: 5, bytes: 64),
            layouts: [
                ("default", KeyLayout(CacheAlias("default", endpoint: "h:6379", keyPrefix: "erp")))
            ]
        )
        let seen = observation(
            ratios: counted(["product": ReadCounts(hits: 1), "gone": ReadCounts(misses: 1)]),
            samples: ["h:6379/1": .value(sample)]
        )
        let blind = observation(server: .unknown(reason: "down", cure: nil))

        for table in seen.section().tables + blind.section().tables {
            #expect(table.rows.allSatisfy { $0.count == table.columns.count }, "\(table.key)")
        }
        #expect(seen.section().tables[2].rows.count == 2)
        #expect(seen.section().charts.map(\.title) == ["Hit ratio by key group", "Memory by key group"])
    }

    @Test(
        "Each threshold has a meaning, and its default can be set as it is written",
        arguments: CacheChecks.all.indices
    )
    func thresholds(position: Int) throws {
        try CacheChecks.all[position].verifyThresholds()
    }

    @Test("A threshold set by name from text holds, and a name that does not exist is an error")
    func configured() throws {
        let checks = try CacheChecks.all(with: ["immortal-keys": ["minimumKeys": "7"], "unused-indexes": ["any": "1"]])

        #expect(checks.compactMap { ($0 as? ImmortalKeys)?.minimumKeys } == [7])
        let error = #expect(throws: ThresholdError.self) {
            _ = try CacheChecks.all(with: ["immortal-keys": ["minimumKey": "7"]])
        }
        #expect(
            error?.description
                == "The check immortal-keys has no threshold minimumKey. Did you mean minimumKeys?"
        )
    }
}

extension CacheCheck {
    fileprivate func verifyThresholds() throws {
        for threshold in Self.thresholds {
            #expect(threshold.meaning.hasSuffix("."))
            var copy = self
            try copy.set(threshold.name, to: threshold.text(self))
            #expect(threshold.text(copy) == threshold.text(self))
            #expect(throws: ThresholdError.self) { try copy.set(threshold.name, to: "nonsense") }
        }
    }
}
