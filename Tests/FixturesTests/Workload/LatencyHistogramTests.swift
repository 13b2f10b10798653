// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("Latency histogram")
struct LatencyHistogramTests {
    @Test("Before the first record there is no percentile")
    func empty() {
        #expect(LatencyHistogram().seconds(within: 0.5) == nil)
    }

    @Test("A percentile is at most 7 % above the truth", arguments: [1, 7, 100, 999, 12_345, 3_600_000_000])
    func isClose(microseconds: Int) {
        var histogram = LatencyHistogram()
        histogram.record(.microseconds(microseconds))

        let ratio = (histogram.seconds(within: 0.5) ?? 0) * 1_000_000 / Double(microseconds)

        #expect(ratio >= 1 && (ratio <= 1.07 || microseconds < 16))
    }

    @Test("Half of the records lie within the median, nineteen of twenty within the 95th percentile")
    func percentiles() {
        var histogram = LatencyHistogram()
        for number in 1...1000 { histogram.record(.milliseconds(number)) }

        let median = histogram.seconds(within: 0.5) ?? 0
        let p95 = histogram.seconds(within: 0.95) ?? 0

        #expect(median >= 0.5 && median < 0.54)
        #expect(p95 >= 0.95 && p95 < 1.02)
    }

    @Test("Two histograms added up are as one that saw everything")
    func addition() {
        var (one, other, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for number in 1...50 {
            one.record(.microseconds(number))
            other.record(.milliseconds(number))
            both.record(.microseconds(number))
            both.record(.milliseconds(number))
        }

        one.add(other)

        #expect(one == both)
    }
}
