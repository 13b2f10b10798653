// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightToolkit

/// One run of one command line, from its arguments to its exit code.
struct Execution: Sendable {
    let utility: ManagementUtility
    let shared: Toolkit?
    let arguments: [String]
    let streams: CommandStreams
    let environment: [String: String]
    let signals: AsyncStream<Int32>?

    /// Runs it; every way it can end comes out as an exit code, with its text on the right stream.
    func run() async -> ExitCode {
        let code: ExitCode
        do {
            if let error = self.utility.registry.error { throw error }
            code = try await self.run(try ArgumentLine(self.arguments))
        } catch {
            code = self.fail(error, in: Ending(arguments: self.arguments))
        }
        return self.flushed(code)
    }

    private func run(_ line: ArgumentLine) async throws -> ExitCode {
        let isJSON = line.globals.isJSON
        if line.globals.wantsVersion {
            return self.answer(isJSON ? Version.document.text() : Version.line(self.utility.program))
        }
        guard let name = line.command else {
            return self.answer(isJSON ? self.document(of: nil) : self.help.overview())
        }
        guard let type = self.utility.registry.command(name) else { throw self.utility.registry.unknown(name) }
        if line.globals.wantsHelp {
            return self.answer(isJSON ? self.document(of: type) : self.help.page(of: type, words: line.tail))
        }
        switch try TailParser(program: self.utility.program).parse(type, line.tail) {
        case .help(let text): return self.answer(text)
        case .command(let command): return await CommandExecution(execution: self, line: line, command: command).run()
        }
    }

    var help: HelpText {
        let terminal = Terminal(globals: GlobalOptions(), environment: self.environment, stream: self.streams.stdout)
        return HelpText(program: self.utility.program, registry: self.utility.registry, width: terminal.width)
    }

    private func document(of type: (any ManagementCommand.Type)?) -> String {
        HelpDocument(program: self.utility.program, registry: self.utility.registry).document(of: type).text()
    }

    private func answer(_ text: String) -> ExitCode {
        self.streams.stdout.writeLine(text)
        return .ok
    }

    /// Writes an error where it belongs and returns its code.
    func fail(_ error: any Error, in ending: Ending) -> ExitCode {
        let shown = CommandError.toolError(for: error, running: ending.command).scrubbed
        if ending.isJSON {
            _ = self.streams.stdout.take()
            self.streams.stdout.writeLine(shown.json.text(pretty: !ending.writesLines))
        }
        let color = Terminal(globals: ending.globals, environment: self.environment, stream: self.streams.stderr).color
        let traceback = ending.globals.showsTraceback ? error : nil
        self.streams.stderr.writeLine(ErrorText.text(shown, traceback: traceback, color: color))
        return shown.code
    }

    /// Writes what is still kept; a full disk is an error, a reader that left is not.
    private func flushed(_ code: ExitCode) -> ExitCode {
        self.streams.stdout.release()
        self.streams.stdout.flush()
        guard case .failed(let number) = self.streams.stdout.failure else {
            self.streams.stderr.flush()
            return code
        }
        self.streams.stderr.writeLine(ErrorText.text(ErrorText.unwritable(number), traceback: nil, color: false))
        self.streams.stderr.flush()
        return code == .ok ? .notWell : code
    }
}

/// What is known about the command line when it ends in an error.
struct Ending: Sendable {
    var command: String
    var globals: GlobalOptions
    /// Whether each JSON document is a line of its own.
    var writesLines = false

    /// Whether stdout must be one JSON document.
    var isJSON: Bool { self.globals.isJSON }

    init(command: String, globals: GlobalOptions, writesLines: Bool) {
        self.command = command
        self.globals = globals
        self.writesLines = writesLines
    }

    /// Reads what can be read of a line that could not be parsed: whether it asked for JSON, which command it named.
    init(arguments: [String]) {
        let line = arguments.prefix { $0 != "--" }
        self.command = line.first { !$0.hasPrefix("-") } ?? ""
        self.globals = GlobalOptions()
        let pairs = zip(line, line.dropFirst())
        if line.contains("--format=json") || pairs.contains(where: { $0 == "--format" && $1 == "json" }) {
            self.globals.format = .json
        }
        self.globals.showsTraceback = line.contains("--traceback")
    }
}
