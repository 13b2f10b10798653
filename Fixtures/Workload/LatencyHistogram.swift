// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Counts how long things took, in a fixed space and within 7 %.
///
/// Every doubling of the time has sixteen buckets, from one microsecond to more than an hour.
struct LatencyHistogram: Sendable, Hashable {
    private static let bucketsPerDoubling = 16
    private var buckets = [Int](repeating: 0, count: 33 * Self.bucketsPerDoubling)
    /// How many were counted.
    private(set) var count = 0
    /// All of them together.
    private(set) var total = Duration.zero

    /// Counts one.
    mutating func record(_ time: Duration) {
        self.buckets[Self.bucket(of: time)] += 1
        self.count += 1
        self.total += time
    }

    /// Takes in what another histogram has counted.
    mutating func add(_ other: Self) {
        for index in other.buckets.indices { self.buckets[index] += other.buckets[index] }
        self.count += other.count
        self.total += other.total
    }

    /// The seconds within which this share was done, or `nil` before the first.
    func seconds(within share: Double) -> Double? {
        guard self.count > 0 else { return nil }
        let wanted = max(1, (Double(self.count) * share).rounded(.up))
        var seen = 0.0
        for (index, count) in self.buckets.enumerated() where count > 0 {
            seen += Double(count)
            if seen >= wanted { return Self.seconds(upTo: index) }
        }
        return nil
    }

    private static func bucket(of time: Duration) -> Int {
        let microseconds = max(1, Int(time / .microseconds(1)))
        let doubling = Int.bitWidth - 1 - microseconds.leadingZeroBitCount
        let within = ((microseconds - (1 << doubling)) * Self.bucketsPerDoubling) >> doubling
        return min(doubling * Self.bucketsPerDoubling + within, 33 * Self.bucketsPerDoubling - 1)
    }

    private static func seconds(upTo bucket: Int) -> Double {
        let doubling = bucket / Self.bucketsPerDoubling
        let within = Double(bucket % Self.bucketsPerDoubling + 1) / Double(Self.bucketsPerDoubling)
        return Double(1 << doubling) * (1 + within) / 1_000_000
    }
}
