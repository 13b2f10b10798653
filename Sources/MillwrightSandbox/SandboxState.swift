// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One private server, as it is now.
public struct SandboxServer: Sendable, Hashable {
    /// What a server is doing.
    public enum Condition: String, Sendable, Hashable, CaseIterable {
        /// Its process lives.
        case running
        /// Its process is stopped by SIGSTOP: it accepts connections and answers none.
        case frozen
        /// It was stopped, or never started.
        case stopped
        /// It was started, and its process is gone.
        case dead
    }

    /// Its name within the sandbox: `postgres`, `sentinel-2`.
    public var name: String
    /// What it is.
    public var kind: ServerKind
    /// What it is doing.
    public var condition: Condition
    /// Its process, while it has one.
    public var pid: Int32?
    /// Its Unix socket, if it has one.
    public var socket: String?
    /// Its loopback port, if it has one.
    public var port: Int?
    /// Where a client connects; it holds no password.
    public var url: String
    /// The file in which it says what went wrong.
    public var log: String

    /// Whether it answers clients.
    public var isRunning: Bool { self.condition == .running }
}

/// A sandbox, as it is now.
public struct SandboxState: Sendable, Hashable {
    /// The servers, in the order in which they are started.
    public var servers: [SandboxServer]

    /// Returns the server of that name.
    public subscript(name: String) -> SandboxServer? { self.servers.first { $0.name == name } }

    /// The primary's URL, as the role `app` that owns the database `app`.
    public var postgresURL: String? { self["postgres"]?.url }
    /// The standby's URL.
    public var standbyURL: String? { self["standby"]?.url }
    /// PgBouncer's URL.
    public var pgbouncerURL: String? { self["pgbouncer"]?.url }
    /// The Redis master's URL.
    public var redisURL: String? { self["redis"]?.url }
    /// The Sentinels' URLs; the master they watch is called `main`.
    public var sentinelURLs: [String] { self.servers.filter { $0.kind == .sentinel }.map(\.url) }
    /// The URL of the master as the Sentinels name it; `nil` without Sentinels.
    public var sentinelURL: String? {
        let hosts = self.servers.filter { $0.kind == .sentinel }.compactMap(\.port).map { "127.0.0.1:\($0)" }
        return hosts.isEmpty ? nil : "redis+sentinel://\(hosts.joined(separator: ","))/\(SentinelRecipe.masterName)"
    }

    /// The URL of a PostgreSQL server or of PgBouncer for another role or database.
    ///
    /// The sandbox makes the roles `postgres` (superuser), `app` (owner), `monitor` (`pg_monitor`) and `nobody_role`
    /// (no privilege), and the databases `app` and `postgres`.
    public func url(of server: String = "postgres", role: String = "app", database: String = "app") -> String? {
        guard let server = self[server], let socket = server.socket, let port = socket.split(separator: ".").last,
            let slash = socket.lastIndex(of: "/"), [.postgres, .standby, .pgbouncer].contains(server.kind)
        else { return nil }
        return PostgresURL.text(
            socketFolder: String(socket[..<slash]),
            port: Int(port) ?? 5432,
            role: role,
            database: database
        )
    }
}
