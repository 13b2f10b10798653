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
            time. With --url it asks a running server instead, which knows its own pool and event loop; health.token \
            gets it the details. The output says who looked.

            Ends with 0 for pass and warn, with 1 for fail. A server that all nodes share and that is down is a \
            warning, because taking this node out would not mend it; use --fail-on warn to be told by the exit code.
            """
    )
    static var kind: CommandKind { .look }

    @Flag(help: "Show timings, figures and thresholds.")
    var detailed = false

    @Option(help: "Only the checks of a group of the settings, or readyz, livez, startupz.")
    var group = HealthFace.health.name

    @Option(help: "Ask the server at this address: http(s)://host:port, or with the path of its health check.")
    var url: String?

    @Option(name: .customLong("fail-on"), help: "The status that ends the command with 1: warn or fail.")
    var failOn: HealthThreshold = .fail

    @Option(name: .customLong("exit-style"), help: "Whose exit codes: sysexits, nagios (0-3) or docker (0, 1).")
    var exitStyle: ExitStyle = .sysexits

    @Flag(help: "Look again every health.interval until stopped; --format json writes a line for each look.")
    var watch = false

    func run(in context: CommandContext) async throws -> ExitCode {
        let source = try self.source(in: context)
        var look = try await self.look(at: source, in: context)
        while self.watch {
            try await Task.sleep(for: context.settings.health.interval)
            look = try await self.look(at: source, in: context)
        }
        return self.exitStyle.code(of: look.status, failOn: self.failOn)
    }

    func exitCode(ofError code: ExitCode) -> ExitCode { self.exitStyle.code(ofError: code) }

    var writesLines: Bool { self.watch }

    private func source(in context: CommandContext) throws -> any HealthSource {
        if let url = self.url {
            context.doing("asking the server")
            return try AskedServer(url, group: self.group, isDetailed: self.detailed, in: context)
        }
        context.doing("running the health checks")
        return try OwnLook(group: self.group, isDetailed: self.detailed, in: context)
    }

    /// Who was told to stop does not show checks that were stopped.
    private func look(at source: any HealthSource, in context: CommandContext) async throws -> HealthLook {
        let look = try await source.look()
        try Task.checkCancellation()
        self.show(look, in: context)
        return look
    }

    private func show(_ look: HealthLook, in context: CommandContext) {
        if context.globals.isJSON {
            context.stdout.writeLine(look.document.text(pretty: !self.writesLines))
        } else if self.exitStyle == .nagios, context.globals.format == nil {
            context.stdout.writeLine(look.line)
        } else {
            context.stdout.writeLine(look.report.rendered(as: context.format, options: context.renderOptions))
        }
        guard self.watch else { return }
        // What was seen is for now, not for when it ends.
        context.stdout.release()
        context.stdout.flush()
    }
}
