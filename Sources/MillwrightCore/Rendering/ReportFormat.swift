// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The ways a report is written.
public enum ReportFormat: String, CaseIterable, Sendable {
    /// For people at a terminal: findings worst first, with evidence and remedy.
    case text
    /// Aligned tables only: the report's, then one of the findings.
    case table
    /// One JSON document, schema `Documentation/schema/report-v1.json`.
    case json
    /// RFC 4180: the report's table where it has exactly one, otherwise the findings.
    case csv
    /// GitHub's Markdown.
    case markdown
    /// One line.
    case summary
    /// One self-contained page.
    case html
    /// Only the statements that would cure what was found, each under a comment.
    case sql
}

/// What a renderer may do on the paper it writes to.
public struct RenderOptions: Sendable, Hashable {
    /// Whether ANSI colours are written; only `text` and `table` know any.
    public var color: Bool
    /// The columns to wrap and cut to in `text` and `table`; 0 neither wraps nor cuts, as a file wants it.
    public var width: Int
    /// How much is told, from 0 to 3.
    ///
    /// 0: findings in one line each; 1: with evidence and remedy, tables; 2: ok checks and every finding, too;
    /// 3: times and fingerprints.
    public var verbosity: Int

    /// Creates options; by default for a plain 80-column terminal.
    public init(color: Bool = false, width: Int = 80, verbosity: Int = 1) {
        self.color = color
        self.width = width
        self.verbosity = verbosity
    }
}

extension Report {
    /// Returns the report as a document that ends with exactly one newline (CSV: with CRLF).
    public func rendered(as format: ReportFormat, options: RenderOptions = RenderOptions()) -> String {
        switch format {
        case .text: TextReport(report: self, options: options).document
        case .table: TableReport(report: self, options: options).document
        case .json: self.json.text() + "\n"
        case .csv: CSVReport(report: self).document
        case .markdown: MarkdownReport(report: self).document
        case .summary: self.summaryLine + "\n"
        case .html: HTMLReport(report: self).document
        case .sql: SQLReport(report: self).document
        }
    }
}
