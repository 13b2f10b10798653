// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCaching

@Suite("Checks on keys")
struct KeyChecksTests {
    private func sample(_ change: (inout KeySample) -> Void) -> [String: Seen<KeySample>] {
        var sample = KeySample()
        change(&sample)
        return ["h:6379/1": .value(sample)]
    }

    @Test("Keys without expiry under an alias that has a timeout are reported, projected from the sample")
    func immortal() throws {
        let samples = self.sample {
            $0.keyCount = 2000
            $0.visited = 200
            $0.groups = ["default": ["report": .init(), "fine": .init()]]
            $0.groups["default"]?["report"]?.keys = 100
            $0.groups["default"]?["report"]?.immortal = 50
            $0.groups["default"]?["fine"]?.keys = 100
        }

        let findings = ImmortalKeys().verdict(on: observation(samples: samples)).findings

        let finding = try #require(findings.first)
        #expect(findings.count == 1 && finding.subject == "default:report" && finding.id == "caches.W002")
        #expect(finding.evidence.contains(Evidence("keys without expiry", .count(500))))
        #expect(finding.confidence == .medium)
    }

    @Test("An alias that keeps for ever may, and a handful of keys is left alone")
    func mayLiveForEver() {
        let samples = self.sample {
            $0.groups = ["default": ["lock": .init()]]
            $0.groups["default"]?["lock"]?.keys = 5
            $0.groups["default"]?["lock"]?.immortal = 5
        }
        #expect(ImmortalKeys().verdict(on: observation(samples: samples)).findings.isEmpty)

        var eternal = observation(samples: samples)
        eternal.aliases[0].timeout = nil
        #expect(ImmortalKeys().verdict(on: eternal).findings.isEmpty)
    }

    @Test("Aliases with overlapping scopes in one database are reported, in different databases not")
    func overlaps() {
        var seen = observation()
        #expect(SharedDatabases().verdict(on: seen).findings.isEmpty)

        seen.aliases[1].database = 1
        #expect(SharedDatabases().verdict(on: seen).findings.isEmpty)

        seen.aliases[1].keyPrefix = "erp"
        #expect(SharedDatabases().verdict(on: seen).findings.map(\.id) == ["caches.W006"])
    }

    @Test("Keys of others are worth knowing")
    func foreign() {
        let samples = self.sample {
            $0.foreign = 3
            $0.visited = 10
            $0.keyCount = 10
            $0.isComplete = true
        }

        let findings = SharedDatabases().verdict(on: observation(samples: samples)).findings

        #expect(findings.map(\.id) == ["caches.I002"])
        #expect(findings.first?.evidence.contains(Evidence("keys of others", .count(3))) == true)
    }
}
