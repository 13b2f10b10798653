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

extension Score {
    /// Makes the mark of a report: each section is a part.
    ///
    /// Every check that could judge puts 10 points at stake and earns them all where it found nothing, or nothing worse
    /// than an info. Where its worst finding is a warning it earns 5 of its 10. An error earns none and puts 20 at stake,
    /// a critical finding 40: one grave matter weighs as much as several small ones, however many checks went well.
    /// How many findings a check made does not matter. A check that could not tell puts nothing at stake.
    public static func of(sections: [Section]) -> Score {
        Score(parts: sections.filter { !$0.outcomes.isEmpty }.map { Part($0) })
    }
}

extension Score.Part {
    fileprivate init(_ section: Section) {
        self.init(name: section.title, possible: 0, points: 0)
        for outcome in section.outcomes {
            if case .unknown = outcome.verdict {
                self.unknown += 1
                continue
            }
            let (points, possible): (Double, Double) =
                switch outcome.verdict.findings.map(\.severity).max() {
                case nil, .info: (10, 10)
                case .warning: (5, 10)
                case .error: (0, 20)
                case .critical: (0, 40)
                }
            self.points += points
            self.possible += possible
        }
    }
}
