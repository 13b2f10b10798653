// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension ERPLoad {
    /// Builds an index concurrently and cancels the build while it waits for a snapshot that is older than it.
    ///
    /// By then the index is written by everybody and read by nobody; the build has two scans behind it, and only waits.
    func interrupt(_ fault: SeededFault) async throws {
        try await self.session("Seeding faults", at: 0.88) { reader in
            // A snapshot is kept only by a transaction that shall see one state of the database throughout.
            try await reader.run(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM erp_warehouse LIMIT 1")
            try await self.session { builder in
                let process = Int(await builder.backendPID)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.build(fault, on: builder) }
                    group.addTask { try await self.cancelWhenWaiting(process) }
                    try await group.waitForAll()
                }
            }
            try await reader.execute("ROLLBACK")
        }
    }

    private func build(_ fault: SeededFault, on builder: PostgresConnection) async throws {
        for statement in fault.statements {
            do {
                try await builder.run(script: statement)
            } catch let error as PostgresError where error.sqlState == fault.expectedState {
                // Cancelled, as it shall be.
            }
        }
    }

    /// Watches a build until it waits for old snapshots, and cancels it; gives up when the build is over or after a minute.
    private func cancelWhenWaiting(_ process: Int) async throws {
        try await self.session { watcher in
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end {
                let phases = try await watcher.query(
                    """
                    SELECT phase, pg_cancel_backend(pid)
                    FROM pg_catalog.pg_stat_progress_create_index
                    WHERE pid = \(process) AND phase = 'waiting for old snapshots'
                    """
                )
                if !phases.isEmpty { return }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
