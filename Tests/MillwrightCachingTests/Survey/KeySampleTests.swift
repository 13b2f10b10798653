// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCaching

@Suite("Key samples")
struct KeySampleTests {
    private let layouts = ["default": "erp", "nested": "erp:1"].sorted { $0.key < $1.key }
        .map { ($0.key, KeyLayout(CacheAlias($0.key, endpoint: "e", keyPrefix: $0.value))) }

    private func sample(_ keys: [KeySample.Key], maximumGroups: Int = 64) -> KeySample {
        var sample = KeySample()
        for key in keys { sample.add(key, layouts: self.layouts, maximumGroups: maximumGroups) }
        return sample
    }

    @Test("Keys are folded by alias and group, with expiry and memory")
    func folding() {
        let sample = self.sample([
            .init("erp:1:product:1", remainingMilliseconds: 30_000, bytes: 100),
            .init("erp:1:product:2", remainingMilliseconds: -1, bytes: 300),
            .init("erp:1:product:3", remainingMilliseconds: 3_700_000),
            .init("erp:1:order:1", remainingMilliseconds: 60_000),
        ])

        let product = sample.groups["default"]?["product"]
        #expect(product?.keys == 3)
        #expect(product?.immortal == 1)
        #expect(product?.bytes == 600)
        #expect(product?.remaining == KeySample.Remaining(minute: 1, hour: 0, day: 1, later: 0))
        #expect(sample.groups["default"]?["order"]?.remaining.hour == 1)
        #expect(sample.groups["default"]?["order"]?.bytes == nil)
        #expect(sample.visited == 4)
    }

    @Test("The longest scope owns a key, somebody else's keys are counted as foreign, Millwright's own are not")
    func owners() {
        let sample = self.sample([
            .init("erp:1:1:x", remainingMilliseconds: 1),
            .init("celery", remainingMilliseconds: -1),
            .init("millwright:hits:default", remainingMilliseconds: -1),
        ])

        #expect(sample.groups == ["nested": ["x": sample.groups["nested"]?["x"] ?? .init()]])
        #expect(sample.groups["nested"]?["x"]?.keys == 1)
        #expect(sample.foreign == 1)
    }

    @Test("A key that went away between SCAN and PTTL is not counted")
    func gone() {
        #expect(self.sample([.init("erp:1:x", remainingMilliseconds: -2)]) == KeySample())
    }

    @Test("Groups are bounded")
    func bounded() {
        let keys = (0..<10).map { KeySample.Key("erp:1:g\($0):1", remainingMilliseconds: -1) }

        let groups = self.sample(keys, maximumGroups: 3).groups["default"] ?? [:]

        #expect(Set(groups.keys) == ["g0", "g1", "g2", "other"])
        #expect(groups["other"]?.keys == 7)
    }

    @Test("Figures are projected from a sample, and left alone where everything was seen")
    func scale() {
        var sample = KeySample()
        #expect(sample.scale == 1)
        sample.keyCount = 1000
        sample.visited = 100
        #expect(sample.scale == 10)
        sample.isComplete = true
        #expect(sample.scale == 1)
    }
}
