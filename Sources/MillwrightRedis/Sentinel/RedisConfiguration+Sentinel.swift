// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension RedisConfiguration {
    /// Reads what follows `redis+sentinel://`: several hosts, then `/name` and `/database`; or `/database?master=name`.
    init(sentinels authority: Substring, path: Substring, options: inout Options) throws {
        self.init()
        var hosts = authority
        if let at = authority.lastIndex(of: "@") {
            hosts = authority[authority.index(after: at)...]
            try self.setCredentials(authority[..<at])
        }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false)[...]
        if parts.last?.isEmpty == true { parts.removeLast() }
        let name = try options.primaryName ?? Self.decoded(parts.popFirst() ?? "", part: "primary's name")
        if let database = parts.popFirst() { try options.setDatabase(database) }
        guard !name.isEmpty, parts.isEmpty else {
            throw Self.wrong(
                "After the Sentinels there must be the name that they know: redis+sentinel://host:26379/name/0."
            )
        }
        var sentinels = try RedisSentinels(of: name, hosts: hosts.split(separator: ","))
        sentinels.user = options.sentinelUser
        sentinels.password = options.sentinelPassword.map { Secret($0) }
        self.sentinels = sentinels
    }

    /// How the server is connected to that the Sentinels name.
    func primary(at endpoint: Endpoint, within timeout: Duration) -> RedisConfiguration {
        var configuration = self
        configuration.sentinels = nil
        configuration.endpoint = endpoint
        configuration.mustBePrimary = true
        configuration.connectTimeout = min(timeout, self.connectTimeout)
        return configuration
    }
}

extension RedisConfiguration.Options {
    /// Throws where the URL says something of Sentinels although it leads to a server.
    func requireNoSentinel() throws {
        guard self.primaryName == nil, self.sentinelUser == nil, self.sentinelPassword == nil else {
            throw RedisConfiguration.wrong("What concerns Sentinels belongs to a redis+sentinel:// URL.")
        }
    }
}
