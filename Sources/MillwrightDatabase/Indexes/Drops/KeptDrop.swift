// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What statements cost when an index was dropped, kept in `millwright.samples`: what later looks compare with.
struct KeptDrop: Sendable, Hashable {
    static let kind = "index-drop"

    /// Quoted and qualified.
    var index: String
    /// Quoted and qualified.
    var table: String
    /// How long ago it was dropped, in seconds.
    var age: Double
    /// What was kept; `nil` where it could not be.
    var figures: Figures?

    struct Figures: Sendable, Hashable {
        /// The relations that its statements may name.
        var names: [String] = []
        var pages = 0
        var sequentialScans = 0
        /// For how long scans were counted until then, in seconds.
        var scansCountedFor = 0.0
        /// When the view of statements had been reset, in seconds since 1970, where the extension tells.
        var resetAt: Double?
        /// How often it had thrown statements out.
        var evictions: Int?
        /// What the statements had cost, by query id.
        var statements: [String: StatementUse] = [:]
    }
}

/// What is there now, beside what was kept.
struct DropsNow: Sendable {
    var statistics: StatementStatistics
    /// When the view of statements was last reset, in seconds since 1970.
    var resetAt: Double?
    /// The server's time, in seconds since 1970.
    var now: Double
    /// The tables of the kept drops, in their order.
    var targets: [DropTarget]
}

extension KeptDrop.Figures {
    /// How a counter of the view of statements goes on from what was kept.
    enum Counting: Sendable, Hashable {
        case goesOn
        /// The view was reset since: all of it came since.
        case anew
        /// It is that of another server, or of one set up again: nothing can be compared.
        case elsewhere
    }

    /// Resets that lie closer together are the same one.
    private static let tolerance = 5.0

    func counting(in now: DropsNow, droppedAt: Double) -> Counting {
        guard let then = self.resetAt, let reset = now.resetAt else { return .goesOn }
        if abs(then - reset) < Self.tolerance { return .goesOn }
        return reset >= droppedAt ? .anew : .elsewhere
    }
}

extension KeptDrop {
    /// What its statements have cost since; `nil` where nothing was kept or it cannot be compared.
    func observation(in now: DropsNow, target: DropTarget) -> DropObservation? {
        guard let figures else { return nil }
        let counting = figures.counting(in: now, droppedAt: now.now - self.age)
        guard counting != .elsewhere else { return nil }
        let rule = Worsening(growth: figures.pages > 0 ? Double(target.pages) / Double(figures.pages) : 1)
        // where the extension does not tell of resets they may have begun anew as well
        let isTold = figures.resetAt != nil && now.resetAt != nil
        let mayHaveComeBack = !isTold || figures.evictions != now.statistics.evictions
        // a table of unknown size may have been empty: nothing tells whether it has grown
        let isSized = figures.pages > 0 || target.pages == 0
        let changes = now.statistics.statements.compactMap { statement -> StatementChange? in
            guard let before = figures.statements[statement.id] else { return nil }
            let since = counting == .anew ? statement.use : statement.use.since(before)
            guard since.calls > 0 else { return nil }
            var change = StatementChange(statement, before: before, since: since, by: rule)
            // it may have been thrown out and have begun anew: then all of its counters has to say the same
            if !isSized { change.effect = .notCompared }
            if mayHaveComeBack, change.isWorse, rule.effect(before: before, since: statement.use) != .worse {
                change.effect = .notCompared
            }
            return change
        }
        let scans = target.sequentialScans - figures.sequentialScans
        return DropObservation(
            index: self.index,
            table: self.table,
            changes: changes.sorted { ($0.factor, $1.id) > ($1.factor, $0.id) },
            scans: scans < 0 ? target.sequentialScans : scans,
            scansPerSecondBefore: figures.scansCountedFor > 0
                ? Double(figures.sequentialScans) / figures.scansCountedFor : nil,
            seconds: self.age
        )
    }
}
