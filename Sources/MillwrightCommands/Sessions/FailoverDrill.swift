// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCaching
import MillwrightCore

/// `session_failover drill`: sends a share of one node's reads to PostgreSQL, measures, and puts everything back.
struct FailoverDrill: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Send a share of one node's session reads to PostgreSQL, measure, and restore.",
        discussion: """
            It ends by itself after --time, even where this command is killed. Exit 1 where reads failed, or where PostgreSQL \
            answered none.
            """
    )

    @Option(help: ArgumentHelp("The node (default: the first that lives).", valueName: "name"))
    var node: String?

    @Option(help: ArgumentHelp("The share of its reads, from above 0 to 1.", valueName: "share"))
    var share = 0.1

    @Option(help: ArgumentHelp("For how long: 10s, 2m.", valueName: "time"), transform: TimeArgument.parse)
    var time: Duration = .seconds(10)

    func validate() throws {
        if !(self.share > 0 && self.share <= 1) { throw ValidationError("The share is above 0 and at most 1.") }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let (console, alias) = try context.failoverConsole()
        let before = try await context.failoverStatus(console)
        let node = try self.chosen(before, alias)
        guard try await console.drill(node: node.name, share: self.share, for: self.time) else {
            throw Self.noNode(alias)
        }
        context.doing("drilling \(node.name) for \(Units.text(self.time))")
        do {
            try await Self.wait(self.time, ProgressBar(context))
        } catch {
            await Task { try? await console.endDrill(node: node.name) }.value
            throw error
        }
        try await console.endDrill(node: node.name)
        // What the node has counted shows with its next sign of life.
        try await Task.sleep(for: .milliseconds(1_500))
        let after = try await context.failoverStatus(console)
        let measured = DrillResult(
            before: node.figures,
            after: after.nodes.first { $0.name == node.name }?.figures ?? [:]
        )
        return context.finish(
            context.report("Session failover drill", sections: [measured.section(node: node.name, share: self.share)])
        )
    }

    private func chosen(_ status: FailoverConsole.Status, _ alias: String) throws -> FailoverConsole.Node {
        let alive = status.nodes.filter(\.isAlive)
        guard let name = self.node else {
            if let first = alive.first { return first }
            throw Self.noNode(alias)
        }
        guard let node = alive.first(where: { $0.name == name }) else { throw Self.noNode(alias) }
        return node
    }

    private static func wait(_ time: Duration, _ bar: ProgressBar) async throws {
        defer { bar.finish() }
        let start = ContinuousClock.now
        while case let past = start.duration(to: .now), past < time {
            bar.show("drilling", share: past / time)
            try await Task.sleep(for: min(.milliseconds(200), time - past))
        }
    }

    private static func noNode(_ alias: String) -> ToolError {
        ToolError(
            .unavailable,
            tried: "Tried to drill a node that serves the sessions of `\(alias)`.",
            stopped: "There is no such node, or it has not shown itself for five seconds.",
            next: "See the nodes with `manage session_failover status`."
        )
    }
}
