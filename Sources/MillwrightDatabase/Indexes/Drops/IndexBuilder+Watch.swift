// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension IndexBuilder {
    /// Drops indexes, watches the statements that may miss them, and builds again what one of them misses.
    ///
    /// It begins to watch after the last drop, and ends early where nothing is left to watch.
    ///
    /// - Parameters:
    ///   - names: quoted and qualified, as findings name them.
    ///   - window: how long it watches.
    ///   - progress: is told how far it is.
    /// - Throws: ``ToolError`` where nothing could be begun; `PostgresError`.
    public func drop(
        _ names: [String],
        watching window: Duration,
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in }
    ) async throws -> WatchedDrops {
        let pause = max(.milliseconds(50), min(.seconds(5), window / 12))
        return try await self.drop(names, pause: pause, progress: progress) { watch, elapsed in
            progress(
                IndexProgress(
                    activity: "watching the statements",
                    phase: "\(watch.calls) calls seen",
                    share: min(1, elapsed / window)
                )
            )
            return elapsed >= window
        }
    }

    /// The same, with another end than that of a time.
    ///
    /// - Parameters:
    ///   - pause: how long it waits between two readings.
    ///   - isOver: is asked after each reading; it is told for how long was watched.
    func drop(
        _ names: [String],
        pause: Duration,
        progress: @escaping @Sendable (IndexProgress) -> Void = { _ in },
        isOver: @escaping @Sendable (DropWatch, Duration) -> Bool
    ) async throws -> WatchedDrops {
        try await IndexSession.with(self.configuration, limits: self.limits, progress: progress) { session in
            let plans = try await IndexPlan.drops(of: names, from: session.worker)
            var reader = DropReader(plans)
            var number = 1
            let before = try await session.baseline(&reader)
            var drops = WatchedDrops(
                indexes: try await session.drop(plans, note: before.note, numbered: &number)
            )
            do {
                let begun = DropWatch(before: try before.reading.get(), start: try await reader.read(on: session.watch))
                try await session.watch(begun, reader, pause: pause, isOver: isOver, &drops, numbered: &number)
            } catch let obstacle as Obstacle {
                drops.obstacle = obstacle
            } catch let error as PostgresError {
                // what was dropped has to be told in any case
                drops.obstacle = Obstacle(error, role: "", limits: Inspection.Limits())
            } catch is CancellationError {
                drops.obstacle = Obstacle("It was told to stop.", cure: "manage index_audit --undo --apply")
            }
            return drops
        }
    }
}

extension DropReader {
    /// Reads what statements may miss by these drops.
    init(_ plans: [IndexPlan]) {
        self.init(plans.map { (index: $0.subject, table: $0.steps.last?.table ?? "") })
    }
}

extension IndexSession {
    /// Reads what the statements cost before anything is dropped, and keeps it for later looks.
    ///
    /// Neither has to succeed for an index to be dropped: the reading says why there is none, the note why it was not kept.
    func baseline(_ reader: inout DropReader) async throws -> (reading: Result<DropReading, Obstacle>, note: String?) {
        let unkept = "What statements cost before it was not kept"
        do {
            let reading = try await reader.read(on: self.watch)
            do {
                try await KeptDrop.keep(reading, run: self.journal.run, on: self.watch)
                return (.success(reading), nil)
            } catch let error as ToolError {
                return (.success(reading), "\(unkept). \(error.stopped) \(error.next)")
            } catch let error as PostgresError {
                try Task.checkCancellation()
                return (.success(reading), "\(unkept). \(error)")
            }
        } catch let obstacle as Obstacle {
            return (.failure(obstacle), "\(unkept). \(obstacle.reason)")
        }
    }

    /// Watches until it is over or nothing is left to watch, and builds again what a statement misses.
    fileprivate func watch(
        _ begun: DropWatch,
        _ begunReader: DropReader,
        pause: Duration,
        isOver: @Sendable (DropWatch, Duration) -> Bool,
        _ drops: inout WatchedDrops,
        numbered number: inout Int
    ) async throws {
        var (watch, reader) = (begun, begunReader)
        var left = drops.indexes.filter { $0.result == .dropped }.map(\.subject)
        drops.observations = watch.observations(of: left)
        let start = ContinuousClock.now
        var elapsed = Duration.zero
        while !left.isEmpty, !isOver(watch, elapsed) {
            try await Task.sleep(for: pause)
            elapsed = ContinuousClock.now - start
            // one reading that fails says nothing; the next one makes up for it
            guard let reading = try await self.reading(&reader) else { continue }
            watch.take(reading, at: elapsed.seconds)
            drops.hidden = watch.hidden
            for seen in watch.observations(of: left) {
                drops.take(seen)
                guard let words = seen.words else { continue }
                try await self.restore(seen.index, since: words, in: &drops, numbered: &number)
                left.removeAll { $0 == seen.index }
            }
        }
    }

    private func reading(_ reader: inout DropReader) async throws -> DropReading? {
        do {
            return try await reader.read(on: self.watch)
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            return nil
        }
    }

    /// Builds an index again that this run has dropped.
    private func restore(
        _ index: String,
        since words: String,
        in drops: inout WatchedDrops,
        numbered number: inout Int
    ) async throws {
        guard let drop = try await self.journal.undoableDrops().first(where: { $0.subject == index }),
            let position = drops.indexes.firstIndex(where: { $0.subject == index })
        else { return }
        var outcome: IndexOutcome
        do {
            outcome = try await self.undo(drop, numbered: &number)
        } catch let error as PostgresError {
            try Task.checkCancellation()
            outcome = IndexOutcome(subject: index, result: .failed, failure: Self.failure(error, of: index))
        }
        outcome.seconds += drops.indexes[position].seconds
        if outcome.result == .built {
            outcome.result = .restored
            outcome.note = "Since it was dropped, \(words)."
            drops.setRestored(index)
        }
        drops.indexes[position] = outcome
    }

    /// What is said where a connection was lost while nobody but the application was at work.
    private static func failure(_ error: PostgresError, of index: String) -> IndexFailure {
        IndexFailure(
            error: ToolError(
                .unavailable,
                tried: "Built \(index) again, which a statement misses.",
                stopped: "\(error)",
                next: "Run `manage index_audit --undo --apply`."
            )
        )
    }
}
