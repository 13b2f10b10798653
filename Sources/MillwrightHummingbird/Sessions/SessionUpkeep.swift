// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCaching
public import ServiceLifecycle

/// Runs the upkeep of a session store beside an application's requests.
public struct SessionUpkeep: Service {
    private let store: SessionStore

    /// Creates the service; add it to the application.
    public init(_ store: SessionStore) { self.store = store }

    /// Runs until the application ends.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.store.run() }
        } catch is CancellationError {
            // That is how it ends.
        }
    }
}
