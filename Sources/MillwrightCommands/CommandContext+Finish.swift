// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightToolkit

extension CommandContext {
    /// Writes a report in the chosen format and says how the command ends.
    ///
    /// Findings silenced in the settings are left out and counted. The command ends with 1 where a finding is at or above
    /// `--fail-level` (`failLevel` where it is not given), with 69 where no check could tell, otherwise with 0.
    public func finish(
        _ report: Report,
        failLevel: Severity = .error,
        defaultFormat: ReportFormat = .text
    ) -> ExitCode {
        let shown = Silences(self.settings.silenced).applied(to: report)
        self.stdout.writeLine(shown.rendered(as: self.globals.format ?? defaultFormat, options: self.renderOptions))
        return Self.exitCode(for: shown, failLevel: self.globals.failLevel ?? failLevel)
    }

    /// The exit code of a report.
    static func exitCode(for report: Report, failLevel: Severity) -> ExitCode {
        if let worst = report.worst, worst >= failLevel { return .notWell }
        let verdicts = report.outcomes.map(\.verdict)
        return !verdicts.isEmpty && verdicts.allSatisfy(\.isUnknown) ? .unavailable : .ok
    }
}

extension Verdict {
    fileprivate var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }
}
