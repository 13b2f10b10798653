// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension IndexSession {
    /// Lends the session so that what is built in it has to prove itself, and drops what has not when `body` fails.
    ///
    /// Where that cannot be done any more, or the process is killed, the next run does it: the journal knows what is not proved.
    func proving<Value: Sendable>(
        _ mustProve: Bool = true,
        _ body: (IndexSession) async throws -> Value
    ) async throws -> Value {
        var session = self
        session.mustProve = mustProve
        do {
            return try await body(session)
        } catch {
            // also where the task is cancelled
            await Task { try? await session.withLiveConnections { _ = try await $0.dropUnproved() } }.value
            throw error
        }
    }
}
