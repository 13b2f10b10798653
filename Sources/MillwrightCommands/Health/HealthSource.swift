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
    private let http: PlainHTTP
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
        guard let http = PlainHTTP(whole) else {
            throw UsageError.wrongValue(
                "--url",
                Redaction.scrubbed(url),
                "write http://host:port, without a user; a server behind TLS is asked at its plain port"
            )
        }
        self.http = http
        self.shown = "http://\(http.host):\(http.port)\(http.path.prefix { $0 != "?" })"
        let token = context.settings.health.token.map { [("Authorization", "Bearer \($0.reveal())")] } ?? []
        self.fields = [("Accept", "application/health+json")] + token
        self.timeout = context.settings.health.budget
        self.command = context.command
        self.isDetailed = isDetailed
    }

    func look() async throws -> HealthLook {
        let answer: PlainHTTP.Answer
        do {
            answer = try await self.http.get(fields: self.fields, timeout: self.timeout)
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
        guard let look else { throw self.error("It answered \(answer.status), and not with a health document.") }
        return look
    }

    private func error(_ stopped: String) -> ToolError {
        ToolError(
            .unavailable,
            tried: "Tried to ask \(self.shown) how it is.",
            stopped: stopped,
            next: "Look at the server's own log, or leave out `--url` to look from here."
        )
    }

    private static func path(of group: String) -> String {
        let isShort = [HealthFace.livez, .startupz].contains { $0.name == group }
        return isShort ? "/\(group)" : HealthFace.group(group).path
    }
}
