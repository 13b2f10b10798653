// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a server is in its replication.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// switch try await client.role() {
/// case .primary(_, let replicas): print("takes writes; \(replicas.count) follow")
/// case .replica(let host, let port, _, _): print("follows \(host):\(port)")
/// case .sentinel(let primaries): print("watches \(primaries)")
/// }
/// ```
public enum RedisRole: Sendable, Hashable {
    /// It takes writes; these follow it.
    case primary(offset: Int, replicas: [Replica])
    /// It follows another; `link` is `connect`, `connecting`, `sync` or `connected`.
    case replica(host: String, port: Int, link: String, offset: Int)
    /// It watches these primaries.
    case sentinel(primaries: [String])

    /// A replica as its primary sees it.
    public struct Replica: Sendable, Hashable {
        /// Its address.
        public var host: String
        /// Its port.
        public var port: Int
        /// How far it has acknowledged.
        public var offset: Int
    }
}

extension RedisRole: RedisDecodable {
    /// Reads what `ROLE` answers.
    public init(redis value: RedisValue) throws {
        guard let parts = value.elements, let kind = try parts.first?.decode(as: String.self) else {
            throw RedisError.cannotDecode(value, as: "a role")
        }
        switch (kind, parts.count) {
        case ("master", 3...):
            self = .primary(offset: try parts[1].decode(), replicas: try parts[2].decode())
        case ("slave", 5...):
            self = .replica(
                host: try parts[1].decode(),
                port: try parts[2].decode(),
                link: try parts[3].decode(),
                offset: try parts[4].decode()
            )
        case ("sentinel", 2...): self = .sentinel(primaries: try parts[1].decode())
        default: throw RedisError.cannotDecode(value, as: "a role")
        }
    }
}

extension RedisRole.Replica: RedisDecodable {
    /// Reads host, port and offset.
    public init(redis value: RedisValue) throws {
        guard let parts = value.elements, parts.count >= 3 else {
            throw RedisError.cannotDecode(value, as: "a replica")
        }
        self.host = try parts[0].decode()
        self.port = try parts[1].decode()
        self.offset = try parts[2].decode()
    }
}
