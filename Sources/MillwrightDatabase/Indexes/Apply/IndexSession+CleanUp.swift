// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension IndexSession {
    /// Drops what a failed step left, writes it down, and returns the error to throw; goes on where the task is cancelled.
    ///
    /// - Returns: nothing where the catalog shows that the step is done all the same: only its answer was lost.
    func cleanUp(after step: IndexStep, entry: Int, _ error: any Error) async -> (any Error)? {
        let wasCancelled = error is CancellationError || Task.isCancelled
        let cleaning = Task { await self.cleaned(step, entry: entry, error) }
        guard let failure = await cleaning.value else { return wasCancelled ? CancellationError() : nil }
        if wasCancelled, failure.leftover == nil { return CancellationError() }
        return failure
    }

    private func cleaned(_ step: IndexStep, entry: Int, _ error: any Error) async -> IndexFailure? {
        var failure = IndexFailure(error, in: step)
        // what the server has refused is not done, whatever has the name
        let isRefused = (error as? PostgresError).map { $0.code == .queryFailed && !$0.isOutage } ?? false
        var isDone = false
        do {
            try await self.withLiveConnections { session in
                if step.kind == .build, !isRefused, try await session.validity(of: step.subject) == true {
                    isDone = true
                    return try await session.journal.end(entry, .done)
                }
                if failure.error.code == .notWell, step.kind == .build {
                    failure.duplicates = (try? await DuplicateKey.read(for: step.subject, from: session.watch)) ?? []
                }
                if step.kind == .build, try await session.validity(of: step.subject) == false {
                    _ = try await session.dropRemnant(step.subject)
                }
                // A drop that was begun is finished by the next run.
                if step.kind == .drop, try await session.validity(of: step.subject) == false {
                    failure.leftover = step.subject
                    return
                }
                try await session.journal.end(entry, .failed, failure.error.stopped)
            }
        } catch {
            guard !isDone, step.leavesRemnant else { return isDone ? nil : failure }
            failure.leftover = step.subject
            failure.error.next =
                "\(step.subject) is left behind and used by no statement: the next run drops it, or: "
                + "DROP INDEX CONCURRENTLY \(step.subject);"
        }
        return isDone ? nil : failure
    }

    /// Lends this session, or where a connection of it is broken, one with fresh connections.
    func withLiveConnections(_ body: (IndexSession) async throws -> Void) async throws {
        // one that is lost may not know it yet
        let isWatched = (try? await self.watch.query("/* millwright:index-apply */ SELECT 1")) != nil
        if isWatched, await self.worker.isUsable { return try await body(self) }
        let worker = try await PostgresConnection.connect(self.worker.configuration)
        do {
            let lookout = Lookout(try await PostgresConnection.connect(self.worker.configuration))
            do {
                let session = IndexSession(
                    worker: worker,
                    lookout: lookout,
                    limits: self.limits,
                    journal: IndexJournal(lookout: lookout, run: self.journal.run),
                    progress: self.progress
                )
                try await body(session)
                await lookout.close()
            } catch {
                await lookout.close()
                throw error
            }
            await worker.close()
        } catch {
            await worker.close()
            throw error
        }
    }
}
