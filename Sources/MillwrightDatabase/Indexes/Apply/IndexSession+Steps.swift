// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import Synchronization

extension IndexSession {
    /// Does the steps of a plan, one after the other; what a step leaves behind when it fails is dropped.
    func run(_ plan: IndexPlan, numbered first: Int) async throws {
        for (offset, step) in plan.steps.enumerated() {
            try await self.run(step, number: first + offset)
        }
    }

    private func run(_ step: IndexStep, number: Int) async throws {
        let table = try await self.oid(of: step.table)
        if [.build, .drop, .dropRemnant].contains(step.kind) { try await self.waitForOthers(step, table: table) }
        let entry = try await self.journal.begin(step, number: number, mustProve: self.mustProve)
        do {
            switch step.kind {
            case .build: try await self.build(step, table: table)
            case .drop: try await self.drop(step.subject)
            case .dropRemnant:
                guard try await self.dropRemnant(step.subject) else { throw Self.becameValid(step) }
            case .root, .attach, .analyze, .statistics, .dropRoot:
                let isMild = step.kind == .analyze || step.kind == .statistics
                let what = "run \(step.kind.rawValue) for \(step.subject)"
                try await self.patiently(what, against: isMild ? step.table : nil) {
                    try await $0.run(script: step.statement, timeout: self.limits.build)
                }
            }
            try await self.verify(step)
            try await self.journal.end(entry, .done)
        } catch {
            if let error = await self.cleanUp(after: step, entry: entry, error) { throw error }
        }
    }

    private static func becameValid(_ step: IndexStep) -> ToolError {
        ToolError(
            .tryLater,
            tried: "Prepared to drop the remnant \(step.subject).",
            stopped: "It has become valid meanwhile: another session has finished it.",
            next: "Run it again; nothing was changed by this step."
        )
    }

    private func oid(of table: String) async throws -> Int {
        let rows = try await self.watch.query(
            "/* millwright:index-apply */ SELECT coalesce(pg_catalog.to_regclass(\(table))::oid, 0)::bigint"
        )
        return try rows[0].get(0, as: Int.self)
    }

    /// Waits for those who are in the way now, so that nothing is begun that could not be ended.
    private func waitForOthers(_ step: IndexStep, table: Int) async throws {
        let own = [await Int(self.worker.backendPID), try await Int(self.watch.backendPID)]
        let look = {
            try await SessionInTheWay.read(table: table, dropping: step.kind != .build, but: own, from: self.watch)
        }
        var left = try await look()
        let end = ContinuousClock.now + self.limits.wait
        while !left.isEmpty {
            self.progress(IndexProgress(step: step, phase: "waiting for others to end", waitingFor: left))
            guard ContinuousClock.now < end else { throw Self.blocked(step, by: left, limits: self.limits) }
            try await Task.sleep(for: .milliseconds(100))
            let now = Set(try await look().map(\.transaction))
            left = left.filter { now.contains($0.transaction) }
        }
    }

    static func blocked(_ step: IndexStep, by sessions: [SessionInTheWay], limits: IndexLimits) -> ToolError {
        let words = sessions.prefix(3).map(\.words).joined(separator: "; ")
        let more = sessions.count > 3 ? "; and \(sessions.count - 3) more" : ""
        return ToolError(
            .tryLater,
            tried: "Waited \(Int(limits.wait.seconds)) s before the step: \(step.kind.rawValue) \(step.subject).",
            stopped: "In the way: \(words)\(more).",
            next: "Try again when they are done, or wait longer with `--wait`; nothing was changed by this step."
        )
    }

    /// Builds, with the second connection looking on.
    private func build(_ step: IndexStep, table: Int) async throws {
        let ending = BuildEnding()
        let timeout = self.limits.build + .seconds(60)
        let failure: (any Error)? = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                defer { ending.isOver.withLock { $0 = true } }
                do {
                    try await self.worker.run(script: step.statement, timeout: timeout)
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                let found = await self.lookOn(step) { ending.isOver.withLock { $0 } }
                ending.reason.withLock { $0 = found }
                return nil
            }
            var failure: (any Error)?
            for await error in group {
                failure = failure ?? error
                // the server may not have been told, where the connection is lost that would have told it
                if ending.reason.withLock({ $0 }) != nil { group.cancelAll() }
            }
            return failure
        }
        guard let failure else { return }
        guard let reason = ending.reason.withLock({ $0 }) else { throw failure }
        throw await self.stopped(step, for: reason, table: table)
    }

    /// Looks on until the build is over, and cancels it where it has to be.
    private func lookOn(_ step: IndexStep, until isOver: @Sendable () -> Bool) async -> BuildWatch.Reason? {
        let start = ContinuousClock.now
        var watch = BuildWatch(limits: self.limits)
        let worker = await Int(self.worker.backendPID)
        while !isOver(), !Task.isCancelled {
            let reason: BuildWatch.Reason?
            do {
                let sample = try await BuildWatch.Sample.read(worker, from: self.watch)
                self.progress(IndexProgress(step: step, phase: sample.phase ?? "starting", share: sample.share))
                reason = watch.take(sample, at: (ContinuousClock.now - start).seconds)
            } catch {
                reason = watch.miss()
            }
            if let reason {
                _ = try? await self.watch.query(
                    "/* millwright:index-apply */ SELECT pg_catalog.pg_cancel_backend(\(worker)::int)",
                    timeout: .seconds(2)
                )
                return reason
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }

    private func stopped(_ step: IndexStep, for reason: BuildWatch.Reason, table: Int) async -> ToolError {
        let tried = "Built \(step.subject)."
        switch reason {
        case .waitedTooLong:
            return Self.blocked(step, by: (try? await self.sessions(using: table)) ?? [], limits: self.limits)
        case .delaysOthers:
            return ToolError(
                .tryLater,
                tried: tried,
                stopped: "A session waited \(self.limits.delay.seconds) s for the build, and others would have queued "
                    + "behind it.",
                next: "Try again when the table is not being changed."
            )
        case .tookTooLong:
            return ToolError(
                .tryLater,
                tried: tried,
                stopped: "It was not ready within \(Int(self.limits.build.seconds)) s.",
                next: "Give it longer with `--build-timeout`, or choose a quiet hour."
            )
        case .lostSight:
            return ToolError(
                .unavailable,
                tried: tried,
                stopped: "The connection that watches it was lost, so that nobody would have seen others wait for it.",
                next: "Run it again when the server can be reached."
            )
        }
    }

    private func sessions(using table: Int) async throws -> [SessionInTheWay] {
        let own = [await Int(self.worker.backendPID), try await Int(self.watch.backendPID)]
        return try await SessionInTheWay.read(table: table, but: own, from: self.watch)
    }

    /// Whether it worked, by what the catalog says and not by the server's word.
    private func verify(_ step: IndexStep) async throws {
        let isValid = try await self.validity(of: step.subject)
        let isWell =
            switch step.kind {
            case .build: isValid == true
            case .drop, .dropRoot, .dropRemnant: isValid == nil
            case .root: isValid != nil
            case .attach, .analyze, .statistics: true
            }
        guard isWell else {
            throw ToolError(
                .notWell,
                tried: "Ran the step: \(step.kind.rawValue) \(step.subject).",
                stopped: "The server reported success, but the catalog shows no effect.",
                next: "Look at the server's log."
            )
        }
    }
}

/// What the two sides of a build tell each other.
private final class BuildEnding: Sendable {
    let isOver = Mutex(false)
    let reason = Mutex<BuildWatch.Reason?>(nil)
}

extension BuildWatch.Sample {
    /// Reads how far a worker is, whether it waits, and who waits for it with a lock that others queue behind.
    static func read(_ worker: Int, from connection: PostgresConnection) async throws -> Self {
        let rows = try await connection.query(
            """
            /* millwright:index-apply */
            SELECT p.phase,
                   CASE WHEN p.blocks_total > 0 THEN p.blocks_done::float8 / p.blocks_total
                        WHEN p.tuples_total > 0 THEN p.tuples_done::float8 / p.tuples_total
                        WHEN p.lockers_total > 0 THEN p.lockers_done::float8 / p.lockers_total END,
                   EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE l.pid = \(worker)::int AND NOT l.granted),
                   coalesce((SELECT max(extract(epoch FROM pg_catalog.clock_timestamp() - l.waitstart))::float8
                             FROM pg_catalog.pg_locks AS l
                             WHERE NOT l.granted AND l.locktype = 'relation' AND l.pid <> \(worker)::int
                               AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                              'AccessExclusiveLock')
                               AND \(worker)::int = ANY (pg_catalog.pg_blocking_pids(l.pid))), 0)
            FROM (SELECT 1) AS one
            LEFT JOIN pg_catalog.pg_stat_progress_create_index AS p ON p.pid = \(worker)::int
            """,
            timeout: .seconds(5)
        )
        var cursor = RowCursor(rows[0])
        return Self(
            phase: try cursor.next(),
            share: try cursor.next(),
            isWaiting: try cursor.next(),
            longestVictimSeconds: try cursor.next()
        )
    }
}
