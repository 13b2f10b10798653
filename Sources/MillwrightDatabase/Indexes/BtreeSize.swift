// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// How big a btree index has to be, from its rows and the widths of its columns.
///
/// A tuple has a header of 8 bytes, the columns aligned each by its type, and 4 bytes of line pointer; leaf pages are filled to the
/// fill factor (90 %), and inner pages add half a percent. Equal keys may be stored once with a list of 6 bytes a row
/// (deduplication, PostgreSQL 13), so the answer is a range: all keys stored one by one, or each distinct key once.
struct BtreeSize: Sendable, Hashable {
    /// One column of an index.
    struct Column: Sendable, Hashable {
        /// The type's fixed length, negative where it varies.
        var length: Int
        /// The type's alignment in bytes.
        var alignment: Int
        /// The average width of a value with its header, from the planner's statistics.
        var averageWidth: Int?
        /// As `pg_stats` has it: negative is a share of the rows.
        var distinct: Double?

        /// The width, where the type or the statistics tell it.
        var width: Int? { self.length > 0 ? self.length : self.averageWidth }
    }

    /// The smallest and the largest size in bytes that the content needs.
    let range: ClosedRange<Double>
    /// The size in bytes right after a build, where values of different columns are independent of each other.
    let expected: Double

    /// Works out the size, or nothing where a column's width is not known.
    init?(rows: Double, columns: [Column], fillFactor: Int?, canDeduplicate: Bool) {
        guard rows >= 0, let tuple = Self.tuple(of: columns) else { return nil }
        let item = Double(tuple + 4)
        let fill = Double(fillFactor ?? 90) / 100
        let most = rows * item / fill * 1.005
        var least = most
        var expected = most
        if canDeduplicate {
            let deduplicated = { (keys: Double) in min(most, (keys * item + rows * 6) / fill * 1.005) }
            let combinations = Self.combinations(rows: rows, columns: columns)
            least = deduplicated(min(combinations, rows))
            // As many different ones as `rows` draws out of all combinations give; a list of rows is rounded up to 8 bytes.
            let drawn = rows == 0 ? 0 : rows * (1 - exp(-combinations / rows))
            let distinct = columns.count == 1 ? min(combinations, rows) : drawn
            expected = min(most, deduplicated(distinct) + distinct * 4 / fill)
        }
        self.range = least...most
        self.expected = max(expected, 2 * 8192)
    }

    private static func tuple(of columns: [Column]) -> Int? {
        var bytes = 8
        for column in columns {
            guard let width = column.width else { return nil }
            // A varying type of up to 126 bytes has a short header and is not aligned.
            let alignment = column.length < 0 && width <= 126 ? 1 : max(1, column.alignment)
            bytes = (bytes + alignment - 1) / alignment * alignment + width
        }
        return (bytes + 7) / 8 * 8
    }

    private static func combinations(rows: Double, columns: [Column]) -> Double {
        columns.reduce(1.0) { product, column in
            guard let distinct = column.distinct, distinct != 0 else { return product }
            return product * max(1, distinct < 0 ? -distinct * rows : distinct)
        }
    }
}
