// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

extension PostgresConfiguration {
    /// How the settings say a database is to be used.
    public init(_ settings: DatabaseSettings) {
        self.init(settings.url.reveal())
        self.connectTimeout = settings.connectTimeout
        self.statementTimeout = settings.statementTimeout
        self.guards.lockTimeout = settings.lockTimeout
        self.guards.isReadOnly = settings.isReadOnly ? true : nil
        self.minimumConnections = settings.minimumConnections
        self.maximumConnections = settings.maximumConnections
        self.acquireTimeout = settings.acquireTimeout
        self.maximumAge = settings.maximumAge
        self.idleTimeout = settings.idleTimeout
    }
}
