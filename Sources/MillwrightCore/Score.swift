// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A mark between 0 and 100, with the parts it is made of, so that nobody has to believe it.
public struct Score: Sendable, Hashable {
    /// One part: what it is about, how many points it could give and how many it gave.
    public struct Part: Sendable, Hashable {
        /// The section's title.
        public var name: String
        /// The most it could give.
        public var possible: Double
        /// What it gave.
        public var points: Double
        /// How many of its checks could not tell; they give no points and take none.
        public var unknown: Int

        /// Creates a part.
        public init(name: String, possible: Double, points: Double, unknown: Int = 0) {
            self.name = name
            self.possible = possible
            self.points = points
            self.unknown = unknown
        }
    }

    /// The parts, in the report's order.
    public var parts: [Part]

    /// Creates a score.
    public init(parts: [Part]) { self.parts = parts }

    /// The mark, or `nil` where no part could be judged.
    public var value: Int? {
        let possible = self.parts.map(\.possible).reduce(0, +)
        guard possible > 0 else { return nil }
        return Int((100 * self.parts.map(\.points).reduce(0, +) / possible).rounded())
    }
}
