// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What some pages of a table tell of an expression, of which the planner has no statistics: its values' size and number.
struct ExpressionSample: Sendable, Hashable {
    /// Rows of the table's sample.
    var rows: Double
    /// How many different values they have, and how many of these only one row has.
    var distinct: Double
    var single: Double
    /// Of a value with its header, in bytes.
    var averageWidth: Double

    /// About as many pages are read.
    private static let pages = 60.0

    /// Asks for a sample; the expression has to be IMMUTABLE, as what an index holds is.
    static func question(_ expression: String, of table: AdvisedTable) -> SQL {
        let percent = min(100, max(0.001, 100 * Self.pages / max(1, table.pages)))
        return """
            /* millwright:index-advisor */
            SELECT coalesce(pg_catalog.sum(v.rows), 0)::float8, pg_catalog.count(*)::float8,
                   (pg_catalog.count(*) FILTER (WHERE v.rows = 1))::float8,
                   coalesce(pg_catalog.sum(v.rows * v.width) / pg_catalog.sum(v.rows), 16)::float8
            FROM (SELECT pg_catalog.count(*) AS rows,
                         -- stored, a short value has a header of one byte in place of four
                         pg_catalog.max(pg_catalog.pg_column_size(s.value)
                             - CASE WHEN t.typlen = -1 THEN 3 ELSE 0 END) AS width
                  FROM (SELECT (\(SQL(unsafe: expression))) AS value
                        FROM \(identifier: table.schema).\(identifier: table.name)
                             TABLESAMPLE SYSTEM (\(SQL(unsafe: "\(percent)")))) AS s
                  JOIN pg_catalog.pg_type AS t ON t.oid = pg_catalog.pg_typeof(s.value)
                  GROUP BY s.value) AS v
            """
    }

    /// As a column of the table, with the number of values that ANALYZE would expect (Haas and Stokes, 1998: Duj1).
    func column(_ expression: String, among tableRows: Double) -> AdvisedTable.Column? {
        guard self.rows >= 100 else { return nil }
        let rest = self.rows - self.single + self.single * self.rows / max(self.rows, tableRows)
        let values = min(tableRows, self.rows * self.distinct / max(1, rest))
        // what grows with the table is told as a share of it
        let distinct = values > 0.1 * tableRows ? -values / max(1, tableRows) : values
        return AdvisedTable.Column(
            name: expression,
            type: "",
            length: -1,
            alignment: 4,
            averageWidth: Int(self.averageWidth.rounded(.up)),
            distinct: distinct
        )
    }
}

extension ExpressionSample: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.rows = try cursor.next()
        self.distinct = try cursor.next()
        self.single = try cursor.next()
        self.averageWidth = try cursor.next()
    }
}
