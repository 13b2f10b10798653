// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Counts from reading to reading what statements have cost since some indexes were dropped.
///
/// Readings that follow each other closely show what is thrown out of pg_stat_statements and comes back: it counts less then.
struct DropWatch: Sendable {
    let before: DropReading
    private let start: DropReading
    private var last: DropReading
    /// What each statement had cost when it was last read: one may be missing from a reading and come back.
    private var uses: [String: StatementUse]
    private var since: [String: StatementUse] = [:]
    /// The statements about each target that were ever read, by id.
    private var statements: [[String: Statement]]
    /// How long after the drops the last reading was taken.
    private(set) var seconds = 0.0

    /// Begins to count.
    ///
    /// - Parameter start: the first reading after the last drop.
    init(before: DropReading, start: DropReading) {
        self.before = before
        self.start = start
        self.last = start
        self.uses = Self.uses(in: start)
        self.statements = start.targets.map { _ in [:] }
    }

    mutating func take(_ reading: DropReading, at seconds: Double) {
        for (id, use) in Self.uses(in: reading) {
            self.since[id] = (self.since[id] ?? .nothing) + use.since(self.uses[id])
            self.uses[id] = use
        }
        for (position, statements) in reading.statements.enumerated() {
            for statement in statements { self.statements[position][statement.id] = statement }
        }
        self.last = reading
        self.seconds = seconds
    }

    /// How many calls were seen of statements about any of the indexes.
    var calls: Int { self.since.values.reduce(0) { $0 + $1.calls } }

    /// Statements of other roles that could not be seen.
    var hidden: Int { self.last.statistics.hidden }

    /// What was seen of the statements about some indexes.
    func observations(of indexes: [String]) -> [DropObservation] {
        self.last.targets.indices.filter { indexes.contains(self.last.targets[$0].index) }.map(self.observation)
    }

    /// What was seen of the statements about one index.
    func observation(of position: Int) -> DropObservation {
        let before = Dictionary(self.before.statements[position].map { ($0.id, $0.use) }) { first, _ in first }
        let changes = self.statements[position].values.compactMap { statement -> StatementChange? in
            guard let since = self.since[statement.id], since.calls > 0 else { return nil }
            return StatementChange(statement, before: before[statement.id], since: since)
        }
        let target = self.last.targets[position]
        let scans = target.sequentialScans - self.start.targets[position].sequentialScans
        return DropObservation(
            index: target.index,
            table: target.table,
            changes: changes.sorted { ($0.factor, $1.id) > ($1.factor, $0.id) },
            scans: scans < 0 ? target.sequentialScans : scans,
            scansPerSecondBefore: self.before.scansCountedFor > 0
                ? Double(self.before.targets[position].sequentialScans) / self.before.scansCountedFor : nil,
            seconds: self.seconds
        )
    }

    private static func uses(in reading: DropReading) -> [String: StatementUse] {
        Dictionary(reading.statements.joined().map { ($0.id, $0.use) }) { first, _ in first }
    }
}
