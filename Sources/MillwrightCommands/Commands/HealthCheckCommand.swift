// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightHealth
import MillwrightToolkit

/// Answers what `/health_check` answers, from the same engine and in the same schema.
struct HealthCheckCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "health_check",
        abstract: "Say whether PostgreSQL, Redis and this node are well.",
        discussion: """
            Looks itself, once, and is bounded whatever hangs: health.check_timeout for each check, all at the same \
            time. Ends with 0 for pass and warn, with 1 for fail. A server that all nodes share and that is down is a \
            warning, because taking this node out would not mend it; use --fail-on warn to be told by the exit code.
            """
    )
    static var kind: CommandKind { .look }

    @Option(name: .customLong("fail-on"), help: "The status that ends the command with 1: warn or fail.")
    var failOn: HealthThreshold = .fail

    func run(in context: CommandContext) async throws -> ExitCode {
        context.doing("running the health checks")
        let snapshot = await (try context.toolkit.health()).engine.sample()
        try Task.checkCancellation()
        if context.globals.isJSON {
            context.write(snapshot.document())
        } else {
            let report = snapshot.report(command: "health_check")
            context.stdout.writeLine(report.rendered(as: context.format, options: context.renderOptions))
        }
        return snapshot.status(of: .health) >= self.failOn.status ? .notWell : .ok
    }
}

/// From which status on a command fails.
enum HealthThreshold: String, Sendable, CaseIterable, ExpressibleByArgument {
    case warn
    case fail

    var status: HealthStatus { self == .warn ? .warn : .fail }
}
