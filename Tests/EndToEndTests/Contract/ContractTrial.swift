// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Subprocess

/// A row in a case: how `manage` is run for it, and what is expected of the run.
struct ContractTrial: Sendable {
    var row: CommandRow
    var contractCase: ContractCase

    /// Runs it, on a database of its own where it changes one.
    func run() async throws -> ManageRun {
        let servers = try await ContractServers.well()
        guard self.row.changesDatabase else { return try await self.run(ContractServers.environment(of: servers)) }
        return try await servers.withDatabase { url in
            try await self.run(
                ["DATABASE_URL": url("app"), "REDIS_URL": ContractServers.environment(of: servers)["REDIS_URL"] ?? ""]
            )
        }
    }

    private func run(_ environment: [String: String]) async throws -> ManageRun {
        var process = ManageProcess(arguments: [self.row.name] + self.row.arguments, environment: environment)
        process.environment["MILLWRIGHT_SANDBOX_FOLDER"] = try await ContractServers.well().sandbox.folder
        switch self.contractCase {
        case .succeeds: break
        case .answersJSON: process.arguments += ["--format", "json"]
        case .finds: try await self.find(&process)
        case .serversDown: process.environment = ContractServers.down
        case .serversDownAsJSON:
            process.environment = ContractServers.down
            process.arguments += ["--format=json"]
        case .settingsWrong: process.arguments += ["--set", "databases.default.urll=postgres://app@/app"]
        case .optionUnknown: process.arguments.append(self.row.typo.wrong)
        case .stdinClosed: process.streams = .stdinClosed
        case .stdoutClosed: process.streams = .stdoutClosed
        case .readerGone: process.streams = .readerGone
        case .diskFull: process.streams = .diskFull
        case .interrupted: try await self.freeze(&process, .interrupt)
        case .terminated: try await self.freeze(&process, .terminate)
        case .outOfTime:
            try await self.freeze(&process, nil)
            process.arguments += ["--timeout", "500ms"]
        }
        return try await process.run()
    }

    private func find(_ process: inout ManageProcess) async throws {
        process.environment = ContractServers.environment(
            of: try await ContractServers.well(),
            database: FaultyDatabase.name
        )
        process.arguments += ["--fail-level", "warning"] + FaultyDatabase.thresholds + self.row.findingArguments
    }

    /// Servers that never answer, and limits so long that only what is tested can end the run.
    private func freeze(_ process: inout ManageProcess, _ signal: Subprocess.Signal?) async throws {
        process.environment = ContractServers.environment(of: try await ContractServers.frozen())
        process.signal = signal
        let limits = [
            "databases.default.connect_timeout", "databases.default.statement_timeout",
            "caches.default.connect_timeout", "caches.default.command_timeout", "health.check_timeout",
        ]
        process.arguments += limits.flatMap { ["--set", "\($0)=120s"] }
    }
}
