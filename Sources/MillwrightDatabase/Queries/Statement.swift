// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One normalised statement with what it cost since its counters began; times without planning before PostgreSQL 13.
struct Statement: Sendable, Hashable {
    /// The server's query id, as text since it may be negative.
    var id: String
    var text: String
    var calls: Int
    var totalSeconds: Double
    var longestSeconds = 0.0
    var rows = 0
    var blocksHit = 0
    var blocksRead = 0
    var temporaryBlocks = 0

    var meanSeconds: Double { self.calls > 0 ? self.totalSeconds / Double(self.calls) : 0 }

    /// Whether it reads or writes tables, as opposed to what runs the server.
    var isDataStatement: Bool {
        ["select", "with", "insert", "update", "delete", "merge", "values", "table"].contains(self.firstWord)
    }

    /// Whether Millwright sent it.
    var isOwn: Bool { self.text.contains("/* millwright:") }

    /// What other tools write into their statements.
    private static let toolMarks = ["/*pghero*/", "/* pganalyze", "/*pga4dash*/", "/* service='datadog-agent' */"]

    /// Whether a tool that watches the server says that it sent it.
    var isTools: Bool { Self.toolMarks.contains { self.text.contains($0) } }

    /// Whether the server sends it itself to look a foreign key up; with `pg_stat_statements.track = all` those are counted, once more
    /// as a part of the statement that caused them.
    var isKeyLookup: Bool { self.text.contains("OPERATOR(") && self.text.contains(".=) ") && self.text.contains(" \"") }

    /// The text without line breaks, cut to a length.
    func oneLine(_ length: Int) -> String {
        let line = self.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= length ? line : line.prefix(length - 1) + "…"
    }

    /// The first word after comments and parentheses, in lower case.
    private var firstWord: String {
        var rest = self.text[...]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "(" }
            if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                rest = Self.afterComment(rest)
            } else {
                return rest.prefix { $0.isLetter }.lowercased()
            }
        }
    }

    /// Comments of PostgreSQL nest.
    private static func afterComment(_ text: Substring) -> Substring {
        var rest = text.dropFirst(2)
        var depth = 1
        while depth > 0, !rest.isEmpty {
            if rest.hasPrefix("*/") {
                depth -= 1
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("/*") {
                depth += 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        }
        return rest
    }
}
