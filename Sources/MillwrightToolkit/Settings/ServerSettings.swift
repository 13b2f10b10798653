// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How the host's server listens, and what it puts up with: `server`.
public struct ServerSettings: Sendable, Hashable {
    /// Where `manage runserver` listens: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/app.sock`.
    public var bind: String
    /// Where HAProxy's `agent-check` is answered, in the same form; nowhere where `nil`.
    public var agent: String?
    /// How many processes like this one share the servers.
    public var instances: Int
    /// How many connections may be open at once; more wait until one ends.
    public var maximumConnections: Int
    /// How large the head of a request may be, in bytes.
    public var maximumHeaderBytes: Int
    /// How long the head of a request may take to arrive.
    public var headerTimeout: Duration
    /// How long a kept-alive connection may say nothing; longer than the balancer keeps it, or the two close at once.
    public var idleTimeout: Duration
    /// How long the requests in flight may take to finish after the drain.
    public var shutdownTimeout: Duration

    /// Creates the settings; what is left out is the default.
    public init(
        bind: String = "127.0.0.1:8080",
        agent: String? = nil,
        instances: Int = 1,
        maximumConnections: Int = 512,
        maximumHeaderBytes: Int = 16_384,
        headerTimeout: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(75),
        shutdownTimeout: Duration = .seconds(20)
    ) {
        self.bind = bind
        self.agent = agent
        self.instances = instances
        self.maximumConnections = maximumConnections
        self.maximumHeaderBytes = maximumHeaderBytes
        self.headerTimeout = headerTimeout
        self.idleTimeout = idleTimeout
        self.shutdownTimeout = shutdownTimeout
    }
}
