// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One line of a benchmark's table: what we reach, what another reaches, and what was promised.
struct Measurement: Sendable {
    /// What the figure must be.
    enum Goal: Sendable {
        /// Ours divided by the other's, at least.
        case ratioAtLeast(Double)
        /// Ours divided by the other's, at most.
        case ratioAtMost(Double)
        /// Ours by itself, at most.
        case atMost(Double)
        /// Nothing was promised.
        case none
    }

    var name: String
    var ours: Double
    /// `nil` where there is nothing to compare with.
    var other: Double?
    /// The unit of both, such as `/s`, `ms` or `MB`.
    var unit: String
    /// The median of the pairs' ratios; of the medians where it was not measured in pairs.
    var ratio: Double?
    var goal: Goal

    init(_ name: String, ours: Double, other: Double? = nil, ratio: Double? = nil, unit: String, goal: Goal = .none) {
        self.name = name
        self.ours = ours
        self.other = other
        self.unit = unit
        self.ratio = ratio ?? other.flatMap { $0 == 0 ? nil : ours / $0 }
        self.goal = goal
    }

    /// Whether the promise is kept; `nil` where nothing was promised or nothing compared.
    var isMet: Bool? {
        switch self.goal {
        case .ratioAtLeast(let least): self.ratio.map { $0 >= least }
        case .ratioAtMost(let most): self.ratio.map { $0 <= most }
        case .atMost(let most): self.ours <= most
        case .none: nil
        }
    }
}

extension Measurement: Encodable {
    private enum CodingKeys: CodingKey { case name, ours, other, unit, ratio, goal }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.name, forKey: .name)
        try container.encode(self.ours, forKey: .ours)
        try container.encode(self.other, forKey: .other)
        try container.encode(self.unit, forKey: .unit)
        try container.encode(self.ratio, forKey: .ratio)
        switch self.goal {
        case .ratioAtLeast(let bound), .ratioAtMost(let bound), .atMost(let bound):
            try container.encode(bound, forKey: .goal)
        case .none: try container.encodeNil(forKey: .goal)
        }
    }
}
