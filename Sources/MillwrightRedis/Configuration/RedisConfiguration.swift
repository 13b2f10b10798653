// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Where a Redis server is, who we are there, and how long we wait for it.
///
/// ```swift
/// var configuration = try RedisConfiguration("redis://app:p%40ss@cache.example:6380/1?client_name=erp")
/// configuration.commandTimeout = .milliseconds(250)
/// let client = RedisClient(configuration)
/// try await client.ping()
/// ```
public struct RedisConfiguration: Sendable {
    /// Where the server listens.
    public enum Endpoint: Sendable, Hashable {
        /// A host's name or address, and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix socket.
        case unix(path: String)

        /// The host's name or address.
        var host: String? { if case .tcp(let host, _) = self { host } else { nil } }
    }

    /// Where the server listens; not used where ``sentinels`` say it.
    public var endpoint: Endpoint
    /// The Sentinels that say where the primary is; `nil` means that `endpoint` is the server.
    public var sentinels: RedisSentinels?
    /// Whether the server is asked for its role: one that is no primary is not connected to.
    var mustBePrimary = false
    /// The ACL user; `nil` means `default`.
    public var user: String?
    /// The password; `nil` sends no `AUTH`.
    public var password: Secret<String>?
    /// How to encrypt; `nil` sends everything as it is.
    public var tls: RedisTLSSettings?
    /// The number of the database.
    public var database = 0
    /// How long a connection may take to be ready: name look-up, connect, `AUTH` and `SELECT` together.
    public var connectTimeout: Duration = .seconds(1)
    /// How long a command may take where the caller names no time.
    public var commandTimeout: Duration = .seconds(1)
    /// How long a caller waits for a connection of its own while all are lent.
    ///
    /// Beyond it, opening one takes at most `connectTimeout`. Asking the server about one that was idle for `checkAfter` takes a quarter
    /// of it at most (between 50 ms and a second), before another is opened in its place.
    public var acquireTimeout: Duration = .seconds(1)
    /// The protocol to speak.
    public var protocolVersion = RedisProtocolVersion.newest
    /// How the server's `CLIENT LIST` shows our connections.
    public var clientName: String? = "millwright"
    /// How many connections a client lends at once, beside the one that plain commands share.
    public var maximumConnections = 10
    /// How many callers may wait for a connection at once; one more is refused at once.
    public var maximumWaiters = 1_000
    /// How many of them are kept open, in the background, once one was lent.
    public var minimumConnections = 0
    /// How old one of them may get before it is replaced, up to a tenth earlier so that not all go at once; for ever where `nil`.
    public var maximumAge: Duration?
    /// How long one of them beyond the minimum may be idle before it is closed; for ever where `nil`.
    public var idleTimeout: Duration? = .seconds(600)
    /// How long one of them may be idle before the server is asked, when it is lent, whether it is still there.
    public var checkAfter: Duration = .seconds(30)
    /// After so many failures in a row the server is left in peace for a while.
    public var breakerThreshold = 5
    /// For how long the server is left in peace, the first time and after each probe that failed.
    public var breakerBackoff = Backoff(base: .milliseconds(500), cap: .seconds(10))

    /// Creates a configuration for a server that wants no password.
    public init(endpoint: Endpoint = .tcp(host: "127.0.0.1", port: 6_379)) { self.endpoint = endpoint }
}

extension RedisConfiguration {
    /// The bounds of a client's pool.
    var poolLimits: PoolLimits {
        PoolLimits(
            minimum: self.minimumConnections,
            maximum: self.maximumConnections,
            maximumWaiting: self.maximumWaiters,
            maximumAge: self.maximumAge,
            idleTimeout: self.idleTimeout,
            checkAfter: self.checkAfter
        )
    }
}

/// The protocols of Redis.
///
/// ```swift
/// var configuration = try RedisConfiguration("redis://127.0.0.1")
/// configuration.protocolVersion = .resp2
/// ```
public enum RedisProtocolVersion: Sendable, Hashable {
    /// The protocol that every server speaks: maps, sets and numbers with fractions come as arrays and bytes.
    case resp2
    /// RESP3 where hiredis is 1.0 or newer and the server 6.0 or newer; RESP2 elsewhere.
    case newest
}

extension RedisConfiguration: CustomStringConvertible {
    /// The URL without user and password.
    public var description: String {
        let suffix = self.database == 0 ? "" : "\(self.database)"
        if let sentinels {
            let hosts = sentinels.endpoints.map(\.description).joined(separator: ",")
            return "redis+sentinel://\(hosts)/\(sentinels.primaryName)" + (suffix.isEmpty ? "" : "/\(suffix)")
        }
        switch self.endpoint {
        case .unix(let path): return "unix://\(path)" + (suffix.isEmpty ? "" : "?db=\(suffix)")
        case .tcp:
            return "\(self.tls == nil ? "redis" : "rediss")://\(self.endpoint)" + (suffix.isEmpty ? "" : "/\(suffix)")
        }
    }
}

extension RedisConfiguration.Endpoint: CustomStringConvertible {
    /// `host:port`, or the socket's path.
    public var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
