// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a server and the session's role can do, read once per connection.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let server = try await connection.server()
/// if server.majorVersion >= 14, server.hasRole("pg_monitor"), server.extensions["pg_stat_statements"] != nil {
///     let busiest = try await connection.query("SELECT queryid FROM pg_stat_statements LIMIT 10", as: Int?.self)
///     print(busiest.count)
/// }
/// ```
public struct PostgresServer: Sendable, Hashable {
    /// The version as a number: 150020 is 15.20.
    public var versionNumber: Int
    /// The database.
    public var database: String
    /// The session's role.
    public var user: String
    /// Whether that role may do anything.
    public var isSuperuser: Bool
    /// Whether the server replays another's log.
    public var isInRecovery: Bool
    /// The predefined roles whose privileges the session has, such as `pg_monitor`.
    public var roles: Set<String>
    /// The extensions of the database, with their versions.
    public var extensions: [String: String]
    /// Whether a pooler stands between: the session's process is not the one that the connection was told.
    ///
    /// What is set for the session may then reach others, and be lost: set it in a transaction.
    public var isBehindPooler: Bool

    /// Creates a description; tests use it for servers that cannot be run.
    public init(
        versionNumber: Int,
        database: String = "postgres",
        user: String = "postgres",
        isSuperuser: Bool = false,
        isInRecovery: Bool = false,
        roles: Set<String> = [],
        extensions: [String: String] = [:],
        isBehindPooler: Bool = false
    ) {
        self.versionNumber = versionNumber
        self.database = database
        self.user = user
        self.isSuperuser = isSuperuser
        self.isInRecovery = isInRecovery
        self.roles = roles
        self.extensions = extensions
        self.isBehindPooler = isBehindPooler
    }

    /// The major version: 15.
    public var majorVersion: Int { self.versionNumber / 10_000 }
    /// Whether the session has that predefined role's privileges; a superuser has all.
    public func hasRole(_ role: String) -> Bool { self.isSuperuser || self.roles.contains(role) }
    /// Whether the session may cancel and end the sessions of other roles; those of superusers only as one itself.
    public var canSignalOthers: Bool { self.hasRole("pg_signal_backend") }
}

extension PostgresConnection {
    /// Returns what the server and the session's role can do; asked once, then remembered.
    public func server() async throws -> PostgresServer {
        if let facts = self.facts { return facts }
        let rows = try await self.query(
            """
            /* millwright:server */
            SELECT current_setting('server_version_num')::int,
                   current_database()::text,
                   current_user::text,
                   (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
                   pg_catalog.pg_is_in_recovery(),
                   ARRAY(SELECT rolname::text
                         FROM pg_catalog.pg_roles
                         WHERE oid < 16384 AND rolname LIKE 'pg\\_%' AND pg_catalog.pg_has_role(oid, 'USAGE')
                         ORDER BY rolname),
                   ARRAY(SELECT extname::text FROM pg_catalog.pg_extension ORDER BY extname),
                   ARRAY(SELECT extversion FROM pg_catalog.pg_extension ORDER BY extname),
                   pg_catalog.pg_backend_pid()
            """,
            as: (Int, String, String, Bool, Bool, [String], [String], [String], Int32).self
        )
        guard let (version, database, user, isSuperuser, isInRecovery, roles, names, versions, pid) = rows.first else {
            throw PostgresError(.decodingFailed, serverMessage: "the server described itself with no row")
        }
        let facts = PostgresServer(
            versionNumber: version,
            database: database,
            user: user,
            isSuperuser: isSuperuser,
            isInRecovery: isInRecovery,
            roles: Set(roles),
            extensions: Dictionary(zip(names, versions), uniquingKeysWith: { first, _ in first }),
            isBehindPooler: self.isBehindPooler || pid != self.backendPID
        )
        self.facts = facts
        return facts
    }
}
