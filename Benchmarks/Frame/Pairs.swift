// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Medians of interleaved runs: ours, the other's, ours, the other's … so that what disturbs the machine disturbs both.
struct Pairs: Sendable {
    var ours: [Double] = []
    var others: [Double] = []

    /// Runs both once to warm up, then `count` times in turn; which goes first changes with each pair.
    static func run(
        _ count: Int = 9,
        ours: () async throws -> Double,
        other: () async throws -> Double
    ) async throws -> Pairs {
        var pairs = Pairs()
        _ = try await ours()
        _ = try await other()
        for turn in 0..<count {
            if turn.isMultiple(of: 2) {
                pairs.ours.append(try await ours())
                pairs.others.append(try await other())
            } else {
                pairs.others.append(try await other())
                pairs.ours.append(try await ours())
            }
        }
        return pairs
    }

    /// The median of the ratios within each pair.
    var ratio: Double { Self.median(zip(self.ours, self.others).map { $0 / $1 }) }

    func measurement(_ name: String, unit: String, goal: Measurement.Goal = .none) -> Measurement {
        Measurement(
            name,
            ours: Self.median(self.ours),
            other: Self.median(self.others),
            ratio: self.ratio,
            unit: unit,
            goal: goal
        )
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : min(sorted[middle], last)
    }
}

/// Runs `body` and returns how many of `operations` it did per second, on the monotonic clock.
func rate(of operations: Int, _ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    return Double(operations) / (ContinuousClock.now - start).seconds
}

extension Duration {
    var seconds: Double { Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18 }
}
