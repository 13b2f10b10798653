// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension IndexSession {
    /// Drops what a failed step left, writes it down, and returns the error to throw; goes on where the task is cancelled.
    func cleanUp(after step: IndexStep, entry: Int, _ error: any Error) async -> any Error {
        let wasCancelled = error is CancellationError || Task.isCancelled
        let failure = await Task { await self.cleaned(step, entry: entry, IndexFailure(error, in: step)) }.value
        if wasCancelled, failure.leftover == nil { return CancellationError() }
        return failure
    }

    private func cleaned(_ step: IndexStep, entry: Int, _ failure: IndexFailure) async -> IndexFailure {
        var failure = failure
        do {
            try await self.withLiveConnections { session in
                if failure.error.code == .notWell, step.kind == .build {
                    failure.duplicates = (try? await DuplicateKey.read(for: step.subject, from: session.watch)) ?? []
                }
                if step.kind == .build, try await session.validity(of: step.subject) == false {
                    try await session.drop(step.subject)
                }
                // A drop that was begun is finished by the next run.
                if step.kind == .drop, try await session.validity(of: step.subject) == false {
                    failure.leftover = step.subject
                    return
                }
                try await session.journal.end(entry, .failed, failure.error.stopped)
            }
        } catch {
            guard step.leavesRemnant else { return failure }
            failure.leftover = step.subject
            failure.error.next =
                "\(step.subject) is left behind and used by no statement: the next run drops it, or: "
                + "DROP INDEX CONCURRENTLY \(step.subject);"
        }
        return failure
    }

    /// Lends this session, or where a connection of it is broken, one with fresh connections.
    func withLiveConnections(_ body: (IndexSession) async throws -> Void) async throws {
        if await self.worker.isUsable, await self.watch.isUsable { return try await body(self) }
        let worker = try await PostgresConnection.connect(self.worker.configuration)
        do {
            let watch = try await PostgresConnection.connect(self.worker.configuration)
            do {
                let journal = IndexJournal(connection: watch, run: self.journal.run)
                let session = IndexSession(
                    worker: worker,
                    watch: watch,
                    limits: self.limits,
                    journal: journal,
                    progress: self.progress
                )
                try await body(session)
                await watch.close()
            } catch {
                await watch.close()
                throw error
            }
            await worker.close()
        } catch {
            await worker.close()
            throw error
        }
    }
}
