// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCommands
import MillwrightHummingbird
import MillwrightTesting
import Testing

@Suite("The contract of every command", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct CommandContractTests {
    @Test("Every registered command has a row, and no row is left of one that is gone")
    func rowsOfAll() {
        let registered = (BuiltInApps.millwright.commands + BuiltInApps.server.commands).map { $0.name }

        #expect(CommandRow.all.map(\.name).sorted() == registered.sorted())
    }

    @Test("It holds", arguments: CommandRow.all, ContractCase.allCases)
    func contract(row: CommandRow, contractCase: ContractCase) async throws {
        guard row.exception(for: contractCase) == nil else { return }

        let run = try await ContractTrial(row: row, contractCase: contractCase).run()

        #expect(PlantedSecret.shapes(in: run.everything) == [], "\(run)")
        for noise in ["Fatal error", "Backtrace", "Thread 0", "libswift"] {
            #expect(!run.everything.contains(noise), "\(run)")
        }
        try self.judge(run, row, contractCase)
    }

    private func judge(_ run: ManageRun, _ row: CommandRow, _ contractCase: ContractCase) throws {
        switch contractCase {
        case .succeeds, .stdinClosed: self.expect(run, 0, saysSomething: true)
        case .answersJSON: self.judgeJSON(run)
        case .finds: self.expect(run, 1, saysSomething: true)
        case .serversDown: self.expect(run, row.downCode, saysSomething: nil)
        case .serversDownAsJSON: try self.judgeOutage(run, row)
        case .settingsWrong:
            self.expect(run, row.wrongSettingsCode, saysSomething: nil)
            if row.wrongSettingsCode != 0 { #expect(run.everything.contains("`url`"), "\(run)") }
        case .optionUnknown:
            self.expect(run, 64, saysSomething: false)
            #expect(run.stderr.contains("`\(row.typo.right)`"), "\(run)")
        case .stdoutClosed, .readerGone:
            self.expect(run, 0, saysSomething: false)
            #expect(run.stderr == "", "\(run)")
        case .diskFull:
            self.expect(run, 1, saysSomething: false)
            #expect(run.stderr.contains("No space left on device"), "\(run)")
        case .interrupted: self.judgeStop(run, 130, "SIGINT")
        case .terminated: self.judgeStop(run, 143, "SIGTERM")
        case .outOfTime:
            self.expect(run, 69, saysSomething: false)
            #expect(run.duration < .seconds(20), "\(run)")
            #expect(run.stderr.contains("500 ms"), "\(run)")
        }
    }

    /// - Parameter saysSomething: whether stdout holds anything; `nil` where it may.
    private func expect(_ run: ManageRun, _ code: Int32, saysSomething: Bool?) {
        #expect(run.ending == .exited(code), "\(run)")
        if let saysSomething { #expect(run.stdout.isEmpty == !saysSomething, "\(run)") }
    }

    private func judgeJSON(_ run: ManageRun) {
        self.expect(run, 0, saysSomething: true)
        #expect(JSONDocument(run.stdout) != nil, "\(run)")
        #expect(run.stderr == "", "\(run)")
    }

    /// An outage is told as an error, or as checks that cannot tell; both say what stopped us and what to do.
    private func judgeOutage(_ run: ManageRun, _ row: CommandRow) throws {
        #expect(run.ending == .exited(row.downCode), "\(run)")
        let document = try #require(JSONDocument(run.stdout), "\(run)")
        if document.text("error", "stopped") != nil {
            for part in ["tried", "stopped", "next"] { #expect(document.text("error", part) != nil, "\(run)") }
            return
        }
        if document.text("schema")?.contains("/health/") == true {
            #expect((document.value as? [String: Any])?["codes"] as? [String] != [], "\(run)")
            return
        }
        let unknown = document.outcomes.filter { $0["verdict"] as? String == "unknown" }
        for outcome in unknown {
            #expect(outcome["reason"] is String && outcome["cure"] is String, "\(outcome["name"] ?? "") \(run)")
        }
        #expect(!unknown.isEmpty || !document.findings.isEmpty, "\(run)")
    }

    private func judgeStop(_ run: ManageRun, _ code: Int32, _ signal: String) {
        self.expect(run, code, saysSomething: false)
        #expect(run.stderr.contains(signal), "\(run)")
        #expect(run.duration < .seconds(20), "\(run)")
    }
}
