// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth
import MillwrightToolkit

/// Where a look at the health comes from.
protocol HealthSource: Sendable {
    /// Looks once.
    func look() async throws -> HealthLook
}

/// This process looks itself, with the checks that a server of the same settings runs.
struct OwnLook: HealthSource {
    private let engine: HealthEngine
    private let face: HealthFace
    private let command: String
    private let isDetailed: Bool

    init(group: String, isDetailed: Bool, in context: CommandContext) throws {
        self.engine = try context.health().engine
        let snapshot = self.engine.snapshot()
        guard let face = snapshot.face(named: group) else {
            let known = HealthFace.fixed.map(\.name) + snapshot.groups.map(\.name)
            throw UsageError.wrongValue(
                "--group",
                Redaction.scrubbed(group),
                nearest(group, in: known).map { "did you mean `\($0)`?" } ?? "known: \(known.joined(separator: ", "))"
            )
        }
        self.face = face
        self.command = context.command
        self.isDetailed = isDetailed
    }

    func look() async throws -> HealthLook {
        HealthLook(await self.engine.sample(), self.face, command: self.command, isDetailed: self.isDetailed)
    }
}

/// A running server is asked, as a prober asks it.
struct AskedServer: HealthSource {
    private enum Server {
        case plain(PlainHTTP), secure(SecureHTTP)

        init?(_ url: String) {
            if let http = PlainHTTP(url) {
                self = .plain(http)
                return
            }
            guard let http = SecureHTTP(url) else { return nil }
            self = .secure(http)
        }

        /// The address without what follows a `?`.
        var shown: String {
            switch self {
            case .plain(let http): "http://\(http.host):\(http.port)\(http.path.prefix { $0 != "?" })"
            case .secure(let http): http.shown
            }
        }

        func get(fields: [(name: String, value: String)], timeout: Duration) async throws -> PlainHTTP.Answer {
            switch self {
            case .plain(let http): try await http.get(fields: fields, timeout: timeout)
            case .secure(let http): try await http.get(fields: fields, timeout: timeout)
            }
        }
    }

    private let server: Server
    private let shown: String
    private let fields: [(name: String, value: String)]
    private let timeout: Duration
    private let command: String
    private let isDetailed: Bool

    init(_ url: String, group: String, isDetailed: Bool, in context: CommandContext) throws {
        // The path is ours to add where the address has none.
        let isBare = url.split(separator: "/", omittingEmptySubsequences: true).count <= 2
        guard isBare || group == HealthFace.health.name else {
            throw UsageError.error("`--url` names a path already, so `--group` says nothing.", "Leave one of them out.")
        }
        let path = group == HealthFace.health.name ? HealthFace.health.path : Self.path(of: group)
        let whole = isBare ? String(url.reversed().drop { $0 == "/" }.reversed()) + path : url
        guard let server = Server(whole) else {
            throw UsageError.wrongValue(
                "--url",
                Redaction.scrubbed(url),
                "write http://host:port or https://host:port, without a user"
            )
        }
        self.server = server
        self.shown = server.shown
        let token = context.settings.health.token.map { [("Authorization", "Bearer \($0.reveal())")] } ?? []
        self.fields = [("Accept", "application/health+json")] + token
        self.timeout = context.settings.health.budget
        self.command = context.command
        self.isDetailed = isDetailed
    }

    func look() async throws -> HealthLook {
        let answer: PlainHTTP.Answer
        do {
            answer = try await self.server.get(fields: self.fields, timeout: self.timeout)
        } catch let failure as PlainHTTP.Failure {
            throw self.error(failure.reason)
        }
        let look = HealthLook(
            answer: answer.body,
            from: self.shown,
            command: self.command,
            isDetailed: self.isDetailed,
            at: Now.seconds
        )
        if let look { return look }
        guard answer.status == 404 else {
            throw self.error("It answered \(answer.status), and not with a health document.")
        }
        throw self.error("It has nothing at that path, or no group of that name (404).", next: Self.lookAtSettings)
    }

    private static let lookAtSettings =
        "Look at `health.groups` in the server's settings, and at the path under which it was mounted."

    private func error(_ stopped: String, next: String? = nil) -> ToolError {
        ToolError(
            .unavailable,
            tried: "Tried to ask \(self.shown) how it is.",
            stopped: stopped,
            next: next ?? "Look at the server's own log, or leave out `--url` to look from here."
        )
    }

    private static func path(of group: String) -> String {
        let isShort = [HealthFace.livez, .startupz].contains { $0.name == group }
        return isShort ? "/\(group)" : HealthFace.group(group).path
    }
}
