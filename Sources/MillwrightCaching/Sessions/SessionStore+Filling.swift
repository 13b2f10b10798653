// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightRedis
import Synchronization

extension SessionStore {
    /// A reader's claim to fill a key.
    struct Token {
        var text: String
        var generation: Int
        var link: Int
        var connection: RedisConnection
    }

    /// Leaves a token under a key, where the copy is trusted and another copy may be made; `nil` where it did not.
    func leaveToken(_ key: String) async -> Token? {
        let now = self.now
        let place = self.state.withLock { state -> Token? in
            guard case .copy(let generation, let link) = state.node.readStart(at: now),
                let connection = state.connection(of: link), state.fills.take(at: now)
            else { return nil }
            let text = String(UInt64.random(in: .min ... .max), radix: 36)
            return Token(text: text, generation: generation, link: link, connection: connection)
        }
        guard let place else { return nil }
        let outcome = await self.ask(place.connection, place.link) {
            try await self.copies.leave(token: place.text, key, place.generation, on: place.connection)
        }
        guard case .answered(true) = outcome else { return nil }
        return place
    }

    /// Fills a key; where that fails the key stays as it is, and the reader has its answer all the same.
    func fill(_ stored: StoredSession, _ key: String, _ token: Token) async {
        let now = self.now
        let left = stored.expiresAtMilliseconds - self.state.withLock { $0.databaseMilliseconds(at: now) }
        guard left > 0 else { return }
        _ = await self.ask(token.connection, token.link) {
            try await self.copies.fill(
                stored,
                token: token.text,
                key,
                token.generation,
                milliseconds: left,
                on: token.connection
            )
        }
    }
}
