// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// The Sentinels that know where the primary is, and who we are to them.
///
/// ```swift
/// var configuration = RedisConfiguration()
/// configuration.sentinels = RedisSentinels(
///     of: "main",
///     at: [.tcp(host: "10.0.0.1", port: 26_379), .tcp(host: "10.0.0.2", port: 26_379)]
/// )
/// let redis = RedisClient(configuration)
/// ```
/// The same as a URL: `redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/main`.
public struct RedisSentinels: Sendable {
    /// The name under which they watch the primary: `sentinel monitor <name> …` in their configuration.
    public var primaryName: String
    /// Where they listen.
    ///
    /// One that answers is enough; they tell of each other.
    public var endpoints: [RedisConfiguration.Endpoint]
    /// The Sentinels' ACL user; `nil` means `default`.
    ///
    /// The user of the Redis servers is the configuration's.
    public var user: String?
    /// The Sentinels' password; `nil` sends them no `AUTH`.
    ///
    /// The password of the Redis servers is the configuration's.
    public var password: Secret<String>?
    /// How long one Sentinel may take to answer before the next is asked, and a server to say that it is the primary.
    public var timeout: Duration = .milliseconds(250)
    /// How often a Sentinel is asked where the primary is: so soon is a failover noticed that was not heard of.
    ///
    /// A client hears of it when a Sentinel announces `+switch-master`, to which it subscribes on each of them.
    public var pollInterval: Duration = .milliseconds(250)

    /// Names Sentinels that want no password.
    public init(of primaryName: String, at endpoints: [RedisConfiguration.Endpoint]) {
        self.primaryName = primaryName
        self.endpoints = endpoints
    }

    /// Names Sentinels by text: `host:port`, `host` with the port 26379, `[::1]:port`.
    ///
    /// Throws ``RedisError/Code/usage`` where one is no address, or none is named.
    public init(of primaryName: String, hosts: [some StringProtocol]) throws {
        guard !hosts.isEmpty else { throw RedisError(.usage, hint: "No Sentinel is named.") }
        let endpoints = try hosts.map { try RedisConfiguration.endpoint(Substring($0), defaultPort: 26_379) }
        self.init(of: primaryName, at: endpoints)
    }

    /// How one of them is connected to.
    func configuration(of sentinel: RedisConfiguration.Endpoint) -> RedisConfiguration {
        var configuration = RedisConfiguration(endpoint: sentinel)
        configuration.user = self.user
        configuration.password = self.password
        configuration.connectTimeout = self.timeout
        configuration.commandTimeout = self.timeout
        return configuration
    }
}
