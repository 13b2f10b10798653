// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The connection that looks on while another one works; where it is lost, it is opened anew.
actor Lookout {
    private var connection: PostgresConnection

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// A connection that stands, as far as is known; one at a time may ask.
    ///
    /// - Throws: `PostgresError` where the last one was lost and no other is to be had.
    var live: PostgresConnection {
        get async throws {
            if await self.connection.isUsable { return self.connection }
            await self.connection.close()
            self.connection = try await PostgresConnection.connect(self.connection.configuration)
            return self.connection
        }
    }

    func close() async { await self.connection.close() }
}
