// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// Who uses which session right now.
final class SessionBooks: Sendable {
    private struct State {
        var inUse: Set<String> = []
        var seen: Set<String> = []
        var most = 0
    }

    private let state = Mutex(State())

    /// The most sessions that were in use at once.
    var most: Int { self.state.withLock { $0.most } }
    /// How many different sessions there were.
    var seen: Int { self.state.withLock { $0.seen.count } }

    /// Notes that a session is in use; throws where it was already.
    func enter(_ session: any PoolSession) throws {
        let isFirst = self.state.withLock { state in
            let isFirst = state.inUse.insert(session.id).inserted
            state.seen.insert(session.id)
            state.most = max(state.most, state.inUse.count)
            return isFirst
        }
        try expect(isFirst, "session \(session.id) was lent twice")
    }

    /// Notes that nobody uses it any more.
    func leave(_ session: any PoolSession) { self.state.withLock { _ = $0.inUse.remove(session.id) } }

    /// Uses a session, alone.
    func visit(_ session: any PoolSession) async throws {
        try self.enter(session)
        defer { self.leave(session) }
        try await session.use()
    }
}
