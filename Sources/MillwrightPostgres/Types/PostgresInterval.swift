// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An `interval`: months, days and microseconds, kept apart because a month has no fixed length and a day may have 25 hours.
///
/// Two intervals are equal where all three are; PostgreSQL's own `=` takes 30 days for a month.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let month = PostgresInterval(months: 1)
/// let recent = try await connection.query("SELECT id FROM erp_order WHERE created_at > now() - \(month)", as: Int.self)
/// let waits = try await connection.query("SELECT now() - created_at FROM erp_order", as: PostgresInterval.self)
/// let short = waits.filter { $0.days == 0 }.compactMap(\.duration)
/// ```
public struct PostgresInterval: Sendable, Hashable, PostgresDecodable, PostgresEncodable {
    /// Months; a year is twelve of them.
    public var months: Int32
    /// Days.
    public var days: Int32
    /// Hours, minutes and seconds, in microseconds.
    public var microseconds: Int64

    /// Creates an interval.
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }

    /// Longer than any other; PostgreSQL 17 and later.
    public static var infinity: Self { Self(months: .max, days: .max, microseconds: .max) }
    /// Shorter than any other; PostgreSQL 17 and later.
    public static var negativeInfinity: Self { Self(months: .min, days: .min, microseconds: .min) }

    /// The length, or `nil` where months or days leave it open.
    public var duration: Duration? {
        self.months == 0 && self.days == 0 ? .microseconds(self.microseconds) : nil
    }

    /// An `interval`, or its text in any `IntervalStyle`.
    public init?(_ cell: PostgresCell) {
        if cell.format == .binary, cell.type == PostgresType.interval.rawValue {
            guard let bytes = cell.bytes, bytes.count == 16 else { return nil }
            self.init(
                months: Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self)),
                days: Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self)),
                microseconds: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
            )
        } else {
            guard let text = cell.text(whereType: cell.type == PostgresType.interval.rawValue) else { return nil }
            self.init(text: text)
        }
    }

    /// The text form, as an `interval`: in `now() - $1` an unnamed type would be taken for a timestamp.
    public var bind: SQL.Bind {
        // the server cannot read its own text of the lowest number
        guard self.microseconds == .min, self != .negativeInfinity else {
            return SQL.Bind(self.description, type: .interval)
        }
        return SQL.Bind("\(self.months) mons \(self.days) days \(self.microseconds) microseconds", type: .interval)
    }
}

extension PostgresInterval: CustomStringConvertible {
    /// The text as PostgreSQL writes it with `IntervalStyle = postgres`: `1 year 2 mons -3 days +04:05:06.789`.
    public var description: String {
        if self == .infinity { return "infinity" }
        if self == .negativeInfinity { return "-infinity" }
        var parts: [String] = []
        var isAfterNegative = false  // then a plus sign tells that the next part is not
        for (number, unit) in [(self.months / 12, "year"), (self.months % 12, "mon"), (self.days, "day")]
        where number != 0 {
            let sign = isAfterNegative && number > 0 ? "+" : ""
            parts.append("\(sign)\(number) \(unit)\(number == 1 ? "" : "s")")
            isAfterNegative = number < 0
        }
        if self.microseconds != 0 || parts.isEmpty {
            let sign = self.microseconds < 0 ? "-" : isAfterNegative ? "+" : ""
            parts.append(sign + Calendar.clock(microseconds: self.microseconds.magnitude))
        }
        return parts.joined(separator: " ")
    }
}
