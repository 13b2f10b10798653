// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import FoundationEssentials

/// What is kept about a sandbox between commands, in `state.json`.
struct SandboxRecord: Sendable, Hashable, Codable {
    /// What is kept about one server.
    struct Server: Sendable, Hashable, Codable {
        var name: String
        var kind: ServerKind
        var port: Int?
        /// The process that was last seen serving.
        var process: ProcessIdentity?
        /// Whether it was started and not stopped since: one that is wanted and has no process has died.
        var isWanted = false
    }

    var version = 1
    /// In the order in which they are started.
    var servers: [Server] = []

    subscript(name: String) -> Server? { self.servers.first { $0.name == name } }

    /// Returns the record of a server after changing it; one that is new takes its place in the order of starting.
    mutating func update(_ name: String, _ change: (inout Server) -> Void) {
        guard let kind = ServerKind(serverName: name) else { return }
        var server = self[name] ?? Server(name: name, kind: kind)
        change(&server)
        self.servers.removeAll { $0.name == name }
        self.servers.append(server)
        self.servers.sort { ($0.kind.rank, $0.name) < ($1.kind.rank, $1.name) }
    }

    /// Reads the record; where it is missing or damaged, the servers' own folders tell which there are.
    static func load(_ folder: SandboxFolder) -> Self {
        if let text = Files.read(folder.stateFile),
            let record = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)), record.version == 1
        {
            return record
        }
        var record = Self()
        for name in Files.names(in: folder.home) { record.update(name) { _ in } }
        return record
    }

    func save(_ folder: SandboxFolder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data = try encoder.encode(self)
        try Files.write(String(decoding: data, as: UTF8.self) + "\n", to: folder.stateFile)
    }
}

extension ServerKind {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
