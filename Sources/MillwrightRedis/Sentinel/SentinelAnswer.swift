// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What one Sentinel knows: the primary, and the other Sentinels.
struct SentinelAnswer: Sendable, Hashable {
    /// The primary and the epoch of its configuration; `nil` where the Sentinel does not know the name.
    var primary: SentinelState.Answer?
    var others: [RedisConfiguration.Endpoint]

    /// What it is asked, in one go.
    ///
    /// `GET-MASTER-ADDR-BY-NAME` names a promoted replica as soon as the failover cannot turn back, `MASTER` only at its end.
    static func questions(about name: String) -> [RedisCommand] {
        [
            RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name), RedisCommand("SENTINEL", "MASTER", name),
            RedisCommand("SENTINEL", "SENTINELS", name),
        ]
    }

    init(_ replies: [RedisValue]) throws {
        guard replies.count == 3 else { throw RedisError(.protocolViolation) }
        if case .error(let error) = replies[0] { throw error }
        guard let address = try replies[0].decode(as: [String]?.self) else {
            self.primary = nil
            self.others = []
            return
        }
        let epoch = try? replies[1].decode(as: [String: String].self)["config-epoch"].flatMap { Int($0) }
        self.primary = SentinelState.Answer(primary: try Self.endpoint(address[...]), epoch: epoch ?? 0)
        self.others = Self.endpoints(replies[2])
    }

    private static func endpoints(_ list: RedisValue) -> [RedisConfiguration.Endpoint] {
        (list.elements ?? []).compactMap { entry in
            guard let fields = try? entry.decode(as: [String: String].self) else { return nil }
            return try? self.endpoint([fields["ip"] ?? "", fields["port"] ?? ""])
        }
    }

    fileprivate static func endpoint(_ words: ArraySlice<String>) throws -> RedisConfiguration.Endpoint {
        guard words.count == 2, let host = words.first, !host.isEmpty, let port = words.last.flatMap({ Int($0) }),
            (1...65_535).contains(port)
        else { throw RedisError(.decodingFailed, hint: "A Sentinel named an address that is none.") }
        return .tcp(host: host, port: port)
    }
}

/// The message of `+switch-master`: `name old-ip old-port new-ip new-port`.
struct SwitchAnnouncement: Sendable, Hashable {
    static let channel = "+switch-master"

    var name: String
    var old: RedisConfiguration.Endpoint
    var new: RedisConfiguration.Endpoint

    /// Reads the message; `nil` where it is something else.
    init?(_ message: String) {
        let words = message.split(separator: " ").map(String.init)
        guard words.count == 5, let old = try? SentinelAnswer.endpoint(words[1...2]),
            let new = try? SentinelAnswer.endpoint(words[3...4])
        else { return nil }
        self.name = words[0]
        self.old = old
        self.new = new
    }
}

extension RedisValue {
    /// Throws where this answer to `ROLE` is not a primary's; a user who may not ask is let through, and `READONLY` will tell.
    func requirePrimary() throws {
        if case .error(let error) = self {
            if error.code == .noPermission { return }
            throw error
        }
        guard case .primary = try self.decode(as: RedisRole.self) else {
            throw RedisError(.noPrimary, hint: "The server is not the primary.")
        }
    }
}
