// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightSandbox

/// A sandbox as text and as a document.
struct SandboxListing: Sendable {
    var folder: String
    var state: SandboxState

    /// Writes it in the format that was asked for.
    func write(to context: CommandContext, exportsOnly: Bool) {
        if context.format == .json {
            context.write(self.document)
        } else if exportsOnly {
            context.stdout.write(self.exports)
        } else {
            context.stdout.writeLine(self.text)
        }
    }

    /// One line per server, then what a shell needs to reach them.
    var text: String {
        guard !self.state.servers.isEmpty else { return "There is no sandbox in \(self.folder)." }
        let rows = self.state.servers.map { server in
            [server.name, server.condition.rawValue, server.pid.map { "\($0)" } ?? "–", Self.place(of: server)]
        }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, text in
                text + String(repeating: " ", count: column < 3 ? widths[column] - text.count : 0)
            }.joined(separator: "  ")
        }
        let isUp = self.state.servers.contains(where: \.isRunning)
        return lines.joined(separator: "\n") + (isUp ? "\n\n" + self.exports : "\n")
    }

    /// `DATABASE_URL` and `REDIS_URL` as the shell reads them, and the way through the Sentinels where there are any.
    var exports: String {
        let pairs = [
            ("DATABASE_URL", self.state.postgresURL), ("REDIS_URL", self.state.redisURL),
            ("REDIS_SENTINEL_URL", self.state.sentinelURL),
        ]
        return pairs.compactMap { name, url in
            url.map { "export \(name)='\($0.replacing("'", with: "'\\''"))'\n" }
        }.joined()
    }

    private static func place(of server: SandboxServer) -> String {
        let port = server.port.map { "127.0.0.1:\($0)" }
        return [server.socket, port].compactMap { $0 }.joined(separator: ", ")
    }

    /// The document of `--format json`.
    var document: JSONValue {
        .object([
            ("folder", .string(self.folder)),
            ("database_url", .optional(self.state.postgresURL)),
            ("redis_url", .optional(self.state.redisURL)),
            ("redis_sentinel_url", .optional(self.state.sentinelURL)),
            ("servers", .array(self.state.servers.map(Self.document))),
        ])
    }

    private static func document(of server: SandboxServer) -> JSONValue {
        .object([
            ("name", .string(server.name)),
            ("kind", .string(server.kind.rawValue)),
            ("condition", .string(server.condition.rawValue)),
            ("pid", .optional(server.pid.map { Int($0) })),
            ("socket", .optional(server.socket)),
            ("port", .optional(server.port)),
            ("url", .string(server.url)),
            ("log", .string(server.log)),
        ])
    }
}
