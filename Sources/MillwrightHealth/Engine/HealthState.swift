// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// All checks of an engine and the node's phase; the engine keeps it under a lock.
struct HealthState: Sendable {
    /// What never changes of each check.
    private let blanks: [HealthSnapshot.Entry]
    private let groups: [HealthGroup]
    private var checks: [CheckState]
    private(set) var phase = HealthPhase.starting
    /// Whether the host still has something to do before it can serve.
    private var isHeld: Bool
    private let instance: String
    private var changes = 0
    private var cached: (snapshot: HealthSnapshot, until: Duration)?
    private var told: (status: HealthStatus, codes: [String])?

    /// - Parameter instance: names this process in snapshot ids.
    init(_ checks: [any HealthCheck], groups: [HealthGroup] = [], instance: String, isHeld: Bool) {
        self.blanks = checks.map { check in
            HealthSnapshot.Entry(
                check.name,
                criticality: check.criticality,
                result: .pass(),
                schedule: check.schedule,
                limits: check.limits
            )
        }
        self.groups = groups
        self.checks = checks.map { CheckState(schedule: $0.schedule) }
        self.instance = instance
        self.isHeld = isHeld
        self.startIfReady()
    }

    mutating func begin(_ index: Int, at now: Duration) -> Bool {
        guard self.checks[index].begin(at: now) else { return false }
        // What is said changes only where the run outlives its deadline.
        self.cached?.until.lower(to: now + self.checks[index].schedule.deadline)
        return true
    }

    mutating func finish(_ index: Int, _ result: HealthResult, at now: Duration) {
        self.checks[index].finish(result, at: now)
        self.startIfReady()
        self.changed()
    }

    /// The host is ready.
    mutating func release() {
        self.isHeld = false
        self.startIfReady()
        self.changed()
    }

    /// The node is told to stop; there is no way back.
    mutating func drain() {
        self.phase = .draining
        self.changed()
    }

    /// A check that hangs in its first run has been looked at too: the node starts, and says that the check fails.
    mutating func overdue(at now: Duration) {
        self.startIfReady(at: now)
        self.changed()
    }

    private mutating func startIfReady(at now: Duration? = nil) {
        guard self.phase == .starting, !self.isHeld else { return }
        let known = self.checks.allSatisfy { check in
            check.sample != nil || now.map { check.reading(at: $0).hangingSince != nil } ?? false
        }
        if known { self.phase = .serving }
    }

    private mutating func changed() {
        self.changes += 1
        self.cached = nil
    }

    /// The snapshot of this moment; the same one as long as nothing changed, so that a thousand probers cost one.
    ///
    /// - Parameter time: the time of day, read only where a new snapshot is made.
    mutating func snapshot(at now: Duration, time: () -> Double) -> HealthSnapshot {
        if let cached = self.cached, now <= cached.until { return cached.snapshot }
        if self.cached != nil { self.changes += 1 }
        let time = time()
        let entries = self.checks.indices.map { self.entry($0, at: now, time: time) }
        let made = HealthSnapshot(
            id: "\(self.instance)-\(self.changes)",
            time: time,
            phase: self.phase,
            entries: entries,
            groups: self.groups
        )
        let until = self.checks.flatMap(\.changeTimes).filter { $0 >= now }.min() ?? .seconds(1 << 40)
        self.cached = (made, until)
        return made
    }

    private func entry(_ index: Int, at now: Duration, time: Double) -> HealthSnapshot.Entry {
        let reading = self.checks[index].reading(at: now)
        var entry = self.blanks[index]
        entry.result = reading.result
        entry.age = reading.age
        entry.took = reading.took
        entry.hangingSince = reading.hangingSince.map { time - (now - $0) / .seconds(1) }
        return entry
    }

    /// Whether a snapshot says something else than the one that was last told; it is told from now on.
    ///
    /// A start is no news before it is over: every check is unknown then.
    mutating func isNews(_ snapshot: HealthSnapshot) -> Bool {
        guard snapshot.phase != .starting else { return false }
        let (status, codes) = (snapshot.status(of: .health), snapshot.codes(of: .health))
        if let told = self.told, told == (status, codes) { return false }
        self.told = (status, codes)
        return true
    }
}

extension Duration {
    fileprivate mutating func lower(to other: Duration) { self = min(self, other) }
}
