// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes only the statements that would cure what was found, so that they can be read and fed to psql.
///
/// Each stands under a comment that says what for; what is no SQL, such as a shell command, is a comment as well.
struct SQLReport {
    let report: Report

    var document: String {
        let blocks = self.report.findings.map { finding -> String in
            let why = "-- \(finding.id.oneLine) \(finding.subject.oneLine): \(finding.message.oneLine)"
            let commands = (finding.remedy?.commands ?? []).flatMap(Self.lines)
            return ([why] + commands).joined(separator: "\n")
        }
        let cures = self.report.outcomes.compactMap { outcome -> String? in
            guard case .unknown(let reason, let cure?) = outcome.verdict else { return nil }
            return (["-- \(outcome.title.oneLine): could not tell. \(reason.oneLine)"] + Self.lines(of: cure))
                .joined(separator: "\n")
        }
        let all = blocks + cures
        return all.isEmpty ? "-- Nothing to do.\n" : all.joined(separator: "\n\n") + "\n"
    }

    private static func lines(of command: String) -> [String] {
        let isSQL = command.contains(";")
        return command.visibleLines.map { isSQL ? $0 : "-- \($0)" }
    }
}
