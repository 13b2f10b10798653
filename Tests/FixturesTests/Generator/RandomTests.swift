// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("Random numbers")
struct RandomTests {
    @Test("SplitMix64 gives the numbers its authors published")
    func knownAnswers() {
        var random = Random(state: 1_234_567)

        #expect(
            (0..<3).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ]
        )
    }

    @Test("Streams of one seed differ, and a bound is kept")
    func streams() {
        var one = Random(seed: 1, stream: "a")
        var other = Random(seed: 1, stream: "b")
        let numbers = (0..<1000).map { _ in one.below(10) }

        #expect(Set(numbers) == Set(0..<10))
        #expect(numbers != (0..<1000).map { _ in other.below(10) })
    }
}

@Suite("Zipf")
struct ZipfTests {
    @Test("The first number comes twice as often as the second, and each can come", arguments: [1, 7, 1000])
    func frequencies(count: Int) {
        let zipf = Zipf(count: count, scattered: false)
        var random = Random(state: 1)
        var counts = [Int](repeating: 0, count: count + 1)
        for _ in 0..<200_000 { counts[zipf.draw(random.next())] += 1 }

        #expect(counts[0] == 0)
        #expect(counts.dropFirst().allSatisfy { $0 > 0 })
        if count > 1 {
            let ratio = Double(counts[1]) / Double(counts[2])
            #expect(ratio > 1.9 && ratio < 2.1)
        }
    }

    @Test("Scattering gives every rank a number of its own", arguments: [1, 2, 8, 97, 1000])
    func scatters(count: Int) {
        let zipf = Zipf(count: count)
        let step = UInt64.max / UInt64(count)
        let numbers = (0..<UInt64(count)).map { zipf.draw((step * $0 + step / 2) & ~0xFFFF_FFFF) }

        #expect(numbers.sorted() == Array(1...count))
    }
}
