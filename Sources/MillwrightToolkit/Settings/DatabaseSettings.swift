// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// One database of the settings: `databases.<alias>`.
public struct DatabaseSettings: Sendable, Hashable {
    /// The name other settings and `--database` use.
    public var alias: String
    /// Where it is: a URI or libpq's keyword/value form; it may hold a password.
    public var url: Secret<String>
    /// The admin console of the PgBouncer before it (`pgbouncer`); `nil` where there is none, or nobody watches it.
    public var pgBouncer: Secret<String>?
    /// The most connections the pool opens (`max_connections`).
    public var maximumConnections: Int
    /// How many connections the pool keeps open (`min_connections`).
    public var minimumConnections: Int
    /// How long a connection may take to open.
    public var connectTimeout: Duration
    /// How long a statement may run.
    public var statementTimeout: Duration
    /// How long a statement may wait for a lock; `nil` leaves it to the server.
    public var lockTimeout: Duration?
    /// How long a task may wait for a free connection.
    public var acquireTimeout: Duration
    /// How old a connection may become before it is replaced (`conn_max_age`).
    public var maximumAge: Duration
    /// How long a connection beyond the minimum may be idle (`conn_idle_timeout`); `nil` for ever.
    public var idleTimeout: Duration?
    /// Whether every transaction is read-only.
    public var isReadOnly: Bool

    /// Creates the settings; what is left out is the default.
    public init(
        alias: String,
        url: Secret<String>,
        pgBouncer: Secret<String>? = nil,
        maximumConnections: Int = 10,
        minimumConnections: Int = 0,
        connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(20),
        lockTimeout: Duration? = nil,
        acquireTimeout: Duration = .seconds(5),
        maximumAge: Duration = .seconds(600),
        idleTimeout: Duration? = .seconds(600),
        isReadOnly: Bool = false
    ) {
        self.alias = alias
        self.url = url
        self.pgBouncer = pgBouncer
        self.maximumConnections = maximumConnections
        self.minimumConnections = minimumConnections
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.acquireTimeout = acquireTimeout
        self.maximumAge = maximumAge
        self.idleTimeout = idleTimeout
        self.isReadOnly = isReadOnly
    }

    /// Whether connections are encrypted, or may be because they go over a network.
    var usesTLS: Bool {
        let url = self.url.reveal()
        return ServerURL.demandsTLS(url) || ServerURL.isOverNetwork(url)
    }

    /// Whether a password would travel over the network without TLS being demanded.
    public var sendsPasswordInPlainText: Bool {
        let url = self.url.reveal()
        return ServerURL.holdsPassword(url) && ServerURL.isOverNetwork(url) && !ServerURL.demandsTLS(url)
    }
}
