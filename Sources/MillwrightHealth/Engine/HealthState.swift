// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// All checks of an engine and the node's phase; the engine keeps it under a lock.
struct HealthState: Sendable {
    private let names: [String]
    private let criticalities: [HealthCriticality]
    private var checks: [CheckState]
    private(set) var phase = HealthPhase.starting
    /// Whether the host still has something to do before it can serve.
    private var isHeld: Bool
    private let instance: String
    private var changes = 0
    private var cached: (snapshot: HealthSnapshot, until: Duration)?

    /// - Parameter instance: names this process in snapshot ids.
    init(_ checks: [any HealthCheck], instance: String, isHeld: Bool) {
        self.names = checks.map(\.name)
        self.criticalities = checks.map(\.criticality)
        self.checks = checks.map { CheckState(schedule: $0.schedule) }
        self.instance = instance
        self.isHeld = isHeld
        self.startIfReady()
    }

    mutating func begin(_ index: Int, at now: Duration) -> Bool {
        defer { self.changed() }
        return self.checks[index].begin(at: now)
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
            check.sample != nil || now.map { check.reading(at: $0).isHanging } ?? false
        }
        if known { self.phase = .serving }
    }

    private mutating func changed() {
        self.changes += 1
        self.cached = nil
    }

    /// The snapshot of this moment; the same one as long as nothing changed, so that a thousand probers cost one.
    mutating func snapshot(at now: Duration, time: Double) -> HealthSnapshot {
        if let cached = self.cached, now <= cached.until { return cached.snapshot }
        if self.cached != nil { self.changes += 1 }
        let entries = self.checks.indices.map { index in
            let reading = self.checks[index].reading(at: now)
            return HealthSnapshot.Entry(
                self.names[index],
                criticality: self.criticalities[index],
                result: reading.result,
                age: reading.age,
                took: reading.took,
                isHanging: reading.isHanging
            )
        }
        let made = HealthSnapshot(
            id: "\(self.instance)-\(self.changes)",
            time: time,
            phase: self.phase,
            entries: entries
        )
        let until = self.checks.compactMap(\.changesAt).filter { $0 >= now }.min() ?? .seconds(1 << 40)
        self.cached = (made, until)
        return made
    }
}
