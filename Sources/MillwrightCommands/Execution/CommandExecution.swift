// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// One run of one parsed command: settings, lock, checks, the command itself, its output.
struct CommandExecution: Sendable {
    let execution: Execution
    let line: ArgumentLine
    let command: any ManagementCommand

    private var type: any ManagementCommand.Type { Swift.type(of: self.command) }
    private var globals: GlobalOptions { self.line.globals }
    private var name: String { self.line.command ?? "" }
    private var ending: Ending {
        Ending(command: self.name, globals: self.globals, writesLines: self.command.writesLines)
    }

    /// Runs it to its exit code.
    func run() async -> ExitCode {
        // What is held can still be replaced by an error document, or go to a file as a whole.
        if self.globals.isJSON || self.globals.output != nil { self.execution.streams.stdout.hold() }
        do {
            let result = try self.settings()
            let toolkit = self.execution.shared ?? Toolkit(settings: result.settings)
            let code: ExitCode
            do {
                code = try await self.run(self.context(result, toolkit))
            } catch {
                if self.execution.shared == nil { await toolkit.close() }
                throw error
            }
            if self.execution.shared == nil { await toolkit.close() }
            try self.deliver()
            return code
        } catch {
            return self.command.exitCode(ofError: self.execution.fail(error, in: self.ending))
        }
    }

    private func settings() throws -> SettingsResult {
        if let shared = self.execution.shared {
            return SettingsResult(settings: shared.settings, values: [], problems: [])
        }
        guard self.type.settingsUse != .unused else { return Settings.read(file: nil) }
        let result = Settings.load(
            file: self.globals.settingsFile,
            environment: self.execution.environment,
            overrides: self.globals.overrides
        )
        if let error = result.error {
            guard self.type.settingsUse == .optional else { throw error }
            self.execution.streams.stderr.writeLine(ErrorText.warning(error.scrubbed))
        }
        return result
    }

    private func context(_ result: SettingsResult, _ toolkit: Toolkit) -> CommandContext {
        CommandContext(
            command: self.name,
            globals: self.globals,
            toolkit: toolkit,
            settingsResult: result,
            registry: self.execution.utility.registry,
            environment: self.execution.environment,
            streams: self.execution.streams,
            activity: Activity(),
            utility: self.execution.utility
        )
    }

    private func run(_ context: CommandContext) async throws -> ExitCode {
        let lock = try self.lock(context)
        defer { withExtendedLifetime(lock) {} }
        let command = self.command
        let checks = self.type.requiredChecks
        let skips = self.globals.skipsChecks
        let run = CommandRun(
            timeout: self.command.wholeTimeout(self.globals.timeout),
            grace: ManagementUtility.grace,
            signals: self.execution.signals
        )
        let end = await run {
            if !skips { try await RequiredChecks(tags: checks).pass(in: context) }
            return try await command.run(in: context)
        }
        return try self.code(of: end, context.activity.current)
    }

    private func lock(_ context: CommandContext) throws -> InstanceLock? {
        guard self.globals.isIsolated else { return nil }
        let parts = [context.settings.file ?? "", self.globals.database, self.globals.cache]
        return try InstanceLock.take(
            command: self.name,
            key: parts.joined(separator: "\n"),
            environment: self.execution.environment
        )
    }

    private func code(of end: CommandRun.End, _ activity: String?) throws -> ExitCode {
        switch end {
        case .finished(let result, nil): return try result.get()
        case .finished(.success(let code), .deadline): return code
        case .finished(_, let reason?), .abandoned(let reason): throw self.error(for: reason, activity)
        }
    }

    private func error(for reason: RunState.Reason, _ activity: String?) -> ToolError {
        switch reason {
        case .deadline:
            CommandError.timedOut(self.name, after: self.globals.timeout ?? .zero, doing: activity)
        case .signal(let number):
            CommandError.stopped(self.name, by: number, doing: activity)
        case .callerCancelled:
            CommandError.toolError(for: CancellationError(), running: self.name)
        }
    }

    /// Hands a held result to the file that `--output` names.
    private func deliver() throws {
        guard let path = self.globals.output else { return }
        try ResultFile.write(self.execution.streams.stdout.take(), to: path)
    }
}
