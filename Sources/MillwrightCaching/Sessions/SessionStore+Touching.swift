// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import Synchronization

extension SessionStore {
    /// Puts a session's end off where enough of its life has passed, and returns the new end.
    ///
    /// PostgreSQL first, then the copy, which is at worst left with the old, earlier end. Where PostgreSQL does not answer the end stays.
    func touch(_ key: String, _ found: Found) async throws -> Int? {
        guard found.millisecondsLeft < self.touchesBelowMilliseconds, !self.state.withLock({ $0.isDatabaseDown }) else {
            return nil
        }
        let stored = found.stored
        let generation = self.state.withLock { $0.node.trust?.generation }
        do {
            let touched = try await self.asking { try await self.truth.touch(key, version: stored.version) }
            guard let touched, touched.expiresAtMilliseconds > stored.expiresAtMilliseconds else { return nil }
            var copy = stored
            copy.expiresAtMilliseconds = touched.expiresAtMilliseconds
            await self.applyTouched(copy, key, in: generation)
            return touched.expiresAtMilliseconds
        } catch let error as SessionError where error.code == .unavailable {
            return nil
        }
    }

    /// Only in the generation that it was read in: what a later one may have, PostgreSQL has not lost.
    private func applyTouched(_ stored: StoredSession, _ key: String, in known: Int?) async {
        let now = self.now
        let place = self.state.withLock { state -> (Int, Int, RedisConnection, Int)? in
            guard case .copy(let generation, let link) = state.node.readStart(at: now), generation == known,
                let connection = state.connection(of: link)
            else { return nil }
            return (generation, link, connection, stored.expiresAtMilliseconds - state.databaseMilliseconds(at: now))
        }
        guard let (generation, link, connection, left) = place, left > 0 else { return }
        _ = await self.ask(connection, link) {
            try await self.copies.apply(stored, key, generation, milliseconds: left, equals: true, on: connection)
        }
    }
}
