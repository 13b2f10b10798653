// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Logging
import Synchronization

/// Runs the checks in the background and answers at once with what it knows.
///
/// Nobody who asks ever waits for a check: a run that hangs past its deadline is reported as failed, is not started a
/// second time, and whatever it returns later is taken when it comes.
///
/// ```swift
/// let engine = try HealthEngine([MemoryHealth(), DiskHealth()])
/// await engine.sample()
/// let status = engine.snapshot().status(of: .readyz)
/// ```
public final class HealthEngine: Sendable {
    let checks: [any HealthCheck]
    private let state: Mutex<HealthState>
    private let started = ContinuousClock.now
    private let hasBegunToDrain = Atomic(false)
    private let logger: Logger?
    private let timeOfDay: @Sendable () -> Double

    /// Creates an engine; nothing runs before `run()` or `sample()`.
    ///
    /// - Parameters:
    ///   - checks: what is looked at; no two may have the same name.
    ///   - groups: checks that can be asked for together by a name; every member must be one of `checks`.
    ///   - holdsStart: whether the node stays `starting` until `ready()` is called, for a host that has to warm up.
    ///   - logger: told at `info` when the status or its reasons change, with the snapshot's id.
    /// - Throws: ``HealthSetupError``, which names every wrong name.
    public convenience init(
        _ checks: [any HealthCheck],
        groups: [HealthGroup] = [],
        holdsStart: Bool = false,
        logger: Logger? = nil
    ) throws {
        try self.init(checks, groups: groups, holdsStart: holdsStart, logger: logger) { WallClock.now }
    }

    /// - Parameter timeOfDay: for people to read; nothing is measured with it.
    init(
        _ checks: [any HealthCheck],
        groups: [HealthGroup] = [],
        holdsStart: Bool = false,
        logger: Logger? = nil,
        timeOfDay: @escaping @Sendable () -> Double
    ) throws {
        let problems = HealthSetup.problems(checks: checks.map(\.name), groups: groups)
        guard problems.isEmpty else { throw HealthSetupError(problems: problems) }
        self.checks = checks
        let instance = String(UInt32.random(in: .min ... .max), radix: 16)
        self.state = Mutex(HealthState(checks, groups: groups, instance: instance, isHeld: holdsStart))
        self.logger = logger
        self.timeOfDay = timeOfDay
    }

    /// What is known now; takes microseconds and waits for nobody.
    public func snapshot() -> HealthSnapshot {
        let now = self.uptime
        return self.state.withLock { $0.snapshot(at: now, time: self.timeOfDay) }
    }

    /// Says that the host is ready; only needed where the engine holds the start.
    public func ready() { self.change { $0.release() } }

    /// Says that the node will stop: readiness fails from now on.
    public func drain() {
        self.change { $0.drain() }
        self.hasBegunToDrain.store(true, ordering: .releasing)
    }

    /// Whether the node has been told that it will stop; cheap enough to be asked with every request.
    public var isDraining: Bool { self.hasBegunToDrain.load(ordering: .acquiring) }

    /// Runs every check on its own interval until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for index in self.checks.indices {
                group.addTask { await self.repeatedly(index) }
            }
        }
    }

    /// Runs every check once and returns when all came back or reached their deadlines.
    @discardableResult
    public func sample() async -> HealthSnapshot {
        await withTaskGroup(of: Void.self) { group in
            for index in self.checks.indices {
                group.addTask { await self.runOnce(index) }
            }
        }
        return self.snapshot()
    }

    private var uptime: Duration { ContinuousClock.now - self.started }

    private func repeatedly(_ index: Int) async {
        let interval = self.checks[index].schedule.interval
        while !Task.isCancelled {
            await self.runOnce(index)
            try? await Task.sleep(for: interval * Double.random(in: 0.8...1.2))
        }
    }

    /// Starts a run unless one is under way, and waits for it no longer than its deadline.
    private func runOnce(_ index: Int) async {
        guard self.state.withLock({ $0.begin(index, at: self.uptime) }) else { return }
        let check = self.checks[index]
        let cameBack = await bounded(by: check.schedule.deadline) {
            let result = await Self.outcome(of: check)
            self.change { $0.finish(index, result, at: self.uptime) }
        }
        if !cameBack { self.change { $0.overdue(at: self.uptime) } }
    }

    /// An error is a failure with a fixed word: its text may hold a host name or a password.
    private static func outcome(of check: any HealthCheck) async -> HealthResult {
        do {
            return try await check.run()
        } catch is CancellationError {
            return HealthResult(.fail, code: "timeout")
        } catch {
            return HealthResult(.fail, code: "error")
        }
    }

    /// Changes the state, and logs where that changes what is said: once a change, not once a run.
    private func change(_ body: (inout HealthState) -> Void) {
        let news = self.state.withLock { state -> HealthSnapshot? in
            body(&state)
            let snapshot = state.snapshot(at: self.uptime, time: self.timeOfDay)
            return state.isNews(snapshot) ? snapshot : nil
        }
        guard let news, let logger = self.logger else { return }
        logger.info(
            "Health changed",
            metadata: [
                "health.status": "\(news.status(of: .health).rawValue)",
                "health.codes": "\(news.codes(of: .health).joined(separator: ","))",
                "health.snapshot": "\(news.id)",
            ]
        )
    }
}
