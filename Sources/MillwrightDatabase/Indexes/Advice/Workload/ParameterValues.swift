// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Chooses values for the placeholders of a statement, so that the planner judges it as the application's would be.
///
/// A placeholder that is compared with a column gets one of the column's own values; `LIMIT $1` gets what the statement
/// returned each time; others get a plain value of their type.
struct ParameterValues: Sendable {
    /// What a placeholder stands beside.
    enum Place: Sendable, Hashable {
        case equal(AdvisedTable.Column)
        /// The lower end of a range: the last tenth is asked for.
        case above(AdvisedTable.Column)
        /// The upper end of a range that has a lower end as well: a twentieth lies between.
        case upTo(AdvisedTable.Column)
        /// The upper end of a range without a lower end: the first tenth is asked for.
        case below(AdvisedTable.Column)
        case pattern
        case limit
        case other
    }

    /// Rows that the statement returned each time.
    var rowsPerCall: Double?

    /// A literal for a placeholder.
    ///
    /// - Parameter type: its type as the server determined it, where that was asked.
    func literal(at place: Place, type: String?) -> String {
        switch place {
        case .equal(let column): Self.typed(Self.typical(column), type ?? column.type)
        case .above(let column): Self.typed(Self.value(column, 2), type ?? column.type)
        case .upTo(let column): Self.typed(Self.value(column, 3), type ?? column.type)
        case .below(let column): Self.typed(Self.value(column, 0), type ?? column.type)
        case .pattern: "'abc%'"
        case .limit: String(max(1, Int(min(1e6, (self.rowsPerCall ?? 20).rounded(.up)))))
        case .other: type.map(Self.plain) ?? "1"
        }
    }

    /// What can follow the name of a type.
    static func literal(after type: String) -> String {
        switch type {
        case "interval": "'1 day'"
        case "date", "timestamp", "timestamptz": "'now'"
        default: "'1'"
        }
    }

    /// The value of which half of the rows have one as common: rare values of a column with many, a hot one of a few.
    private static func typical(_ column: AdvisedTable.Column) -> String? {
        var share = 0.0
        for (value, frequency) in zip(column.commonValues, column.commonShares) {
            share += frequency
            if share >= 0.5 { return value }
        }
        return Self.value(column, 1)
    }

    private static func value(_ column: AdvisedTable.Column, _ position: Int) -> String? {
        column.histogram.indices.contains(position) ? column.histogram[position] : column.commonValues.first
    }

    private static func typed(_ value: String?, _ type: String) -> String {
        guard let value else { return Self.plain(type) }
        return "\(MillwrightDatabase.literal(value))::\(type)"
    }

    /// A value that every type of that name takes.
    private static func plain(_ type: String) -> String {
        let name = type.lowercased()
        if name.hasSuffix("[]") { return "'{}'::\(type)" }
        if name.hasPrefix("timestamp") || name == "date" { return "now()::\(type)" }
        if name.hasPrefix("interval") { return "'1 day'::interval" }
        if name.hasPrefix("bool") { return "true" }
        if name.hasPrefix("json") { return "'{}'::\(type)" }
        if name == "uuid" { return "'00000000-0000-0000-0000-000000000000'::uuid" }
        if ["smallint", "integer", "bigint", "real", "double precision"].contains(name) || name.hasPrefix("numeric") {
            return "1::\(type)"
        }
        if name == "text" || name.hasPrefix("character") || name == "name" { return "'a'::\(type)" }
        return "NULL::\(type)"
    }
}
