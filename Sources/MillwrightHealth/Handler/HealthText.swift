// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Writes a snapshot as lines for people: the status first, because a prober may read no further.
enum HealthText {
    /// The lines of one question.
    static func text(_ snapshot: HealthSnapshot, face: HealthFace, isDetailed: Bool) -> String {
        let codes = HealthDocument.firstCodes(snapshot, face: face)
        var lines = [([snapshot.status(of: face).rawValue] + codes).joined(separator: " ")]
        lines.append("snapshot \(snapshot.id) \(Quantity.time(snapshot.time).text)")
        if isDetailed { lines += snapshot.entries(of: face).map(Self.line) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func line(_ entry: HealthSnapshot.Entry) -> String {
        let head = [entry.name, entry.result.status.rawValue, entry.result.code]
        return (head + entry.notes).joined(separator: " ")
    }
}

extension HealthSnapshot.Entry {
    /// What it saw, for people: `usage_percent 42`, and since when it hangs.
    var notes: [String] {
        let hanging = self.hangingSince.map { ["still running since \(Quantity.time($0).text)"] } ?? []
        return hanging + self.result.facts.map { "\($0.name) \($0.value.text)" }
    }
}
