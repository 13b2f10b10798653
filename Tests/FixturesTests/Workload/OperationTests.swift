// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("What a workload picks")
struct OperationTests {
    @Test("Operations come as often as their weight says")
    func operationsByWeight() {
        var random = Random(state: 1)
        let all = Operation.all.map(\.weight).reduce(0, +)
        var counts: [String: Int] = [:]
        for _ in 0..<50_000 { counts[Operation.pick(&random).name, default: 0] += 1 }

        for operation in Operation.all where operation.weight >= 20 {
            let ratio = Double(counts[operation.name] ?? 0) / 50_000 / (Double(operation.weight) / Double(all))
            #expect(ratio > 0.85 && ratio < 1.15, "\(operation.name)")
        }
    }

    @Test("No name comes twice, and one in fifty operations writes")
    func names() {
        let all = Operation.all.map(\.weight).reduce(0, +)
        let writes = Operation.writes.map(\.weight).reduce(0, +)

        #expect(Set(Operation.all.map(\.name)).count == Operation.all.count)
        #expect(writes * 50 <= all)
    }

    @Test("The product group takes most reads of its alias, and no search is made twice")
    func cacheTraffic() {
        let traffic = CacheTraffic.all(World(volume: Volume(scale: 0.002), seed: 1))
        var random = Random(state: 1)
        let own = traffic.filter { $0.group.alias == "default" }
        let product = own.first { $0.group.name == "product" }
        let search = own.first { $0.group.name == "search" }

        let keys = (0..<1000).compactMap { _ in search?.key(&random) }

        #expect((product?.weight ?? 0) * 2 > own.map(\.weight).reduce(0, +))
        #expect(Set(keys).count == 1000)
        #expect(Set(traffic.map(\.group.alias)) == ["default", "sessions", "database"])
    }
}
