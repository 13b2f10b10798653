// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Draws from 1…count so that few numbers come often and most come seldom, as customers and products do.
///
/// Walker's alias method: one table look-up a draw. It is built with divisions and additions only, which IEEE 754
/// rounds alike everywhere; `pow` and `exp` would give other data on another libm.
final class Zipf: Sendable {
    /// How many numbers there are.
    let count: Int
    private let thresholds: [UInt32]
    private let aliases: [UInt32]
    private let stride: Int

    /// Creates the distribution in which the k-th most frequent number comes 1/k as often as the first.
    ///
    /// `scattered` spreads the frequent ones over the range; without it, 1 is the most frequent, 2 the next.
    init(count: Int, scattered: Bool = true) {
        self.count = count
        self.stride = scattered ? Self.stride(for: count) : 1
        let weights = (1...count).map { 1 / Double($0) }
        (self.thresholds, self.aliases) = Self.tables(for: weights)
    }

    /// The number that belongs to these random bits.
    func draw(_ bits: UInt64) -> Int {
        let slot = Int(truncatingIfNeeded: ((bits >> 32) &* UInt64(truncatingIfNeeded: self.count)) >> 32)
        let keeps = UInt32(truncatingIfNeeded: bits) < self.thresholds[slot]
        let rank = keeps ? slot : Int(truncatingIfNeeded: self.aliases[slot])
        return rank &* self.stride % self.count &+ 1
    }

    /// A multiplier that shares no divisor with the count, so that every rank gets a number of its own.
    private static func stride(for count: Int) -> Int {
        var stride = max(1, count * 5 / 8)
        while Self.greatestCommonDivisor(stride, count) != 1 { stride += 1 }
        return stride
    }

    private static func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
        other == 0 ? one : Self.greatestCommonDivisor(other, one % other)
    }

    private static func tables(for weights: [Double]) -> ([UInt32], [UInt32]) {
        let scale = Double(weights.count) / weights.reduce(0, +)
        var shares = weights.map { $0 * scale }
        var thresholds = [UInt32](repeating: .max, count: weights.count)
        var aliases = Array(0..<UInt32(weights.count))
        var small = shares.indices.filter { shares[$0] < 1 }
        var large = shares.indices.filter { shares[$0] >= 1 }
        while let poor = small.popLast(), let rich = large.popLast() {
            thresholds[poor] = UInt32(shares[poor] * 4_294_967_295)
            aliases[poor] = UInt32(rich)
            shares[rich] -= 1 - shares[poor]
            if shares[rich] < 1 { small.append(rich) } else { large.append(rich) }
        }
        return (thresholds, aliases)
    }
}
