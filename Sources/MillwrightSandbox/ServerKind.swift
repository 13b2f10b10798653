// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The kinds of server that a sandbox can hold.
public enum ServerKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A private PostgreSQL, the primary.
    case postgres
    /// A streaming standby of it.
    case standby
    /// PgBouncer in transaction mode, in front of the primary.
    case pgbouncer
    /// A private Redis, the master.
    case redis
    /// A replica of it.
    case redisReplica = "redis-replica"
    /// A Redis Sentinel watching the master.
    case sentinel
    /// HAProxy in front of the host's own processes.
    case haproxy
    /// nginx in front of them.
    case nginx

    /// The kind of the server that lives in a folder of this name: `sentinel-2` is a sentinel.
    init?(serverName: String) {
        let digits = serverName.reversed().prefix { $0.isNumber }
        guard !digits.isEmpty, serverName.dropLast(digits.count).last == "-" else {
            self.init(rawValue: serverName)
            return
        }
        self.init(rawValue: String(serverName.dropLast(digits.count + 1)))
    }

    /// The names of `count` servers of this kind; a kind that exists once has no number.
    func names(count: Int) -> [String] {
        switch self {
        case .redisReplica, .sentinel: (0..<count).map { "\(self.rawValue)-\($0 + 1)" }
        case .postgres, .standby, .pgbouncer, .redis, .haproxy, .nginx: count > 0 ? [self.rawValue] : []
        }
    }
}
