// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A table of a report: named columns, rows of figures with units.
public struct Table: Sendable, Hashable {
    /// A column's key in JSON and CSV (`total_bytes`) and its heading for people ("Size").
    public struct Column: Sendable, Hashable {
        /// snake_case, permanent.
        public var key: String
        /// The heading for people.
        public var title: String

        /// Creates a column.
        public init(_ key: String, _ title: String) {
            self.key = key
            self.title = title
        }
    }

    /// snake_case, permanent: the table's key in JSON.
    public var key: String
    /// The heading for people.
    public var title: String
    /// The columns, left to right.
    public var columns: [Column]
    /// One value a column.
    public var rows: [[Quantity]]

    /// Creates a table.
    public init(_ key: String, title: String, columns: [Column], rows: [[Quantity]] = []) {
        self.key = key
        self.title = title
        self.columns = columns
        self.rows = rows
    }
}

/// A chart of a report; only HTML draws it, the other renderers print its points as a table or leave it out.
public struct Chart: Sendable, Hashable {
    /// How the points are drawn.
    public enum Kind: String, Sendable, Codable {
        /// Horizontal bars, one a point, longest first.
        case bars
        /// A line over the points' order.
        case line
    }

    /// One point: its label and value.
    public struct Point: Sendable, Hashable {
        /// The label, written beside the bar or under the line.
        public var label: String
        /// The value; its unit is written with it.
        public var value: Quantity

        /// Creates a point.
        public init(_ label: String, _ value: Quantity) {
            self.label = label
            self.value = value
        }
    }

    /// The heading.
    public var title: String
    /// How it is drawn.
    public var kind: Kind
    /// The points, in order.
    public var points: [Point]

    /// Creates a chart.
    public init(_ title: String, kind: Kind, points: [Point]) {
        self.title = title
        self.kind = kind
        self.points = points
    }
}

/// One part of a report: what some checks said, with the tables and charts beside it.
public struct Section: Sendable, Hashable {
    /// snake_case, permanent: the section's key in JSON.
    public var key: String
    /// The heading for people.
    public var title: String
    /// What was looked at, as facts: server version, window, nodes seen.
    public var facts: [Evidence]
    /// What the checks said.
    public var outcomes: [CheckOutcome]
    /// Tables.
    public var tables: [Table]
    /// Charts.
    public var charts: [Chart]

    /// Creates a section.
    public init(
        _ key: String,
        title: String,
        facts: [Evidence] = [],
        outcomes: [CheckOutcome] = [],
        tables: [Table] = [],
        charts: [Chart] = []
    ) {
        self.key = key
        self.title = title
        self.facts = facts
        self.outcomes = outcomes
        self.tables = tables
        self.charts = charts
    }
}

/// What a command found, as data; renderers turn it into text, JSON, CSV, Markdown or HTML.
public struct Report: Sendable, Hashable {
    /// The command that made it: `tune`.
    public var command: String
    /// The heading for people.
    public var title: String
    /// When it was made, in seconds since 1970-01-01 00:00 UTC.
    public var createdAt: Double
    /// The parts, in order.
    public var sections: [Section]
    /// The overall score, where the command gives one.
    public var score: Score?
    /// What to do next, as commands a person can paste.
    public var next: [String]

    /// Creates a report.
    public init(
        command: String,
        title: String,
        createdAt: Double,
        sections: [Section] = [],
        score: Score? = nil,
        next: [String] = []
    ) {
        self.command = command
        self.title = title
        self.createdAt = createdAt
        self.sections = sections
        self.score = score
        self.next = next
    }

    /// Everything the checks said, section by section.
    public var outcomes: [CheckOutcome] { self.sections.flatMap(\.outcomes) }

    /// All findings, worst first: by severity, then by weight, then by fingerprint so that the order is stable.
    public var findings: [Finding] {
        self.outcomes.flatMap(\.verdict.findings).sorted { one, other in
            if one.severity != other.severity { return one.severity > other.severity }
            if one.weight != other.weight { return one.weight > other.weight }
            return one.fingerprint < other.fingerprint
        }
    }

    /// The worst severity found, or `nil` where nothing was.
    public var worst: Severity? { self.outcomes.flatMap(\.verdict.findings).map(\.severity).max() }
}
