// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightToolkit

extension ServerLimits {
    /// The limits that the settings give: `server`.
    public init(_ settings: ServerSettings) {
        self.init(
            headerTimeout: settings.headerTimeout,
            idleTimeout: settings.idleTimeout,
            maximumHeaderBytes: settings.maximumHeaderBytes,
            maximumConnections: settings.maximumConnections
        )
    }
}

extension DrainPlan {
    /// The plan that the settings give: `health.drain` and `server.shutdown_timeout`.
    public init(_ settings: Settings) {
        self.init(drain: settings.health.drain, finish: settings.server.shutdownTimeout)
    }
}
