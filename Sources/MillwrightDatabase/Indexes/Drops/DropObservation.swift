// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// What was seen of the statements about one index since it was dropped.
public struct DropObservation: Sendable, Hashable {
    /// The index, quoted and qualified.
    public var index: String
    /// Its table, quoted and qualified.
    public var table: String
    /// The statements about it that ran, the one that became worst first.
    public var changes: [StatementChange]
    /// How often the table and its parts were read from end to end since.
    public var scans: Int
    /// And how often each second before, as far as that is counted.
    public var scansPerSecondBefore: Double?
    /// For how long they were watched.
    public var seconds: Double
    /// Whether it was built again.
    public var isRestored = false

    /// The statements that became worse.
    public var worse: [StatementChange] { self.changes.filter(\.isWorse) }
    /// Whether any statement ran often enough to be compared.
    var isCompared: Bool { self.changes.contains { $0.effect != .notCompared } }

    /// What became worse, in a sentence; `nil` where nothing did.
    var words: String? {
        guard let worst = self.worse.first, let before = worst.before else { return nil }
        let others = self.worse.count > 1 ? " (and \(self.worse.count - 1) more)" : ""
        return "a statement\(others) reads \(Self.text(worst.since.pagesPerCall)) pages each call instead of "
            + "\(Self.text(before.pagesPerCall)), and takes \(Quantity.seconds(worst.since.secondsPerCall).text) "
            + "instead of \(Quantity.seconds(before.secondsPerCall).text)"
    }

    private static func text(_ pages: Double) -> String { Quantity.count(Int(pages.rounded())).text }
}
