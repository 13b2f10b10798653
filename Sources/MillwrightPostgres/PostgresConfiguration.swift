// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// How to reach a PostgreSQL, and the limits of what is asked of it.
///
/// Several hosts are tried in order within `connectTimeout`, each with its share of it; `connect_timeout` in the string is the
/// most that one of them gets. The session's encoding is always UTF-8.
///
/// ```swift
/// var configuration = PostgresConfiguration("postgres://app@db1,db2/erp?target_session_attrs=read-write&sslmode=verify-full")
/// configuration.statementTimeout = .seconds(5)
/// configuration.guards.lockTimeout = .milliseconds(500)
/// let client = PostgresClient(configuration)
/// await client.close()
/// ```
public struct PostgresConfiguration: Sendable {
    /// A libpq connection string: a URI or keywords and values, with every option libpq knows.
    ///
    /// `PGHOST`, `PGPASSFILE`, `PGSERVICE` and their like fill in what it leaves out, as with psql.
    public var url: Secret<String>
    /// How long making a connection may take, name look-up included: 5 s.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a statement may take where its caller names no other time, before it is cancelled: 20 s.
    public var statementTimeout: Duration = .seconds(20)
    /// How long a cancelled statement may take to end before its connection is given up: 500 ms.
    public var cancelGrace: Duration = .milliseconds(500)
    /// What the server itself keeps in every session; checked when the connection is made, see ``PostgresServer/isBehindPooler``.
    public var guards = PostgresGuards()
    /// What `pg_stat_activity` shows, where the connection string does not say.
    public var applicationName = "millwright"
    /// How many statements a connection has the server keep parsed, the least recently used first to go: none.
    ///
    /// A statement that is asked for again then costs the server no parsing. Leave it 0 where PgBouncer pools transactions: each may
    /// run in another session, which knows nothing of what an earlier one parsed.
    public var preparedStatements = 0
    /// The most connections a client opens: 10.
    public var maximumConnections = 10
    /// The most callers that may wait for a connection; the next one fails at once: 1,000.
    public var maximumWaiting = 1_000
    /// How long a caller waits while all connections are lent: 5 s.
    ///
    /// Beyond it, opening one takes at most `connectTimeout`. Asking the server about one that was idle for `checkAfter` takes a quarter
    /// of it at most (between 50 ms and a second), before another is opened in its place.
    public var acquireTimeout: Duration = .seconds(5)
    /// How many connections are kept open, in the background, once the client is used: 0.
    public var minimumConnections = 0
    /// How old a connection may get before it is replaced, up to a tenth earlier so that not all go at once; for ever where `nil`.
    public var maximumAge: Duration?
    /// How long a connection beyond the minimum may be idle before it is closed; for ever where `nil`: 10 min.
    public var idleTimeout: Duration? = .seconds(600)
    /// How long a connection may be idle before the server is asked, when it is lent, whether it is still there: 30 s.
    public var checkAfter: Duration = .seconds(30)
    /// After so many openings in a row that failed, the server is left in peace for a while: 5.
    public var breakerThreshold = 5
    /// For how long the server is left in peace, the first time and after each probe that failed: 500 ms to 10 s.
    public var breakerBackoff = Backoff(base: .milliseconds(500), cap: .seconds(10))

    /// Creates a configuration with the default limits.
    public init(_ url: String) { self.url = Secret(url) }
}

extension PostgresConfiguration {
    /// The bounds of a client's pool.
    var poolLimits: PoolLimits {
        PoolLimits(
            minimum: self.minimumConnections,
            maximum: self.maximumConnections,
            maximumWaiting: self.maximumWaiting,
            maximumAge: self.maximumAge,
            idleTimeout: self.idleTimeout,
            checkAfter: self.checkAfter
        )
    }
}
