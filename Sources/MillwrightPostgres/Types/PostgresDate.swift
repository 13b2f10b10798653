// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A `date`: a day of the Gregorian calendar, which PostgreSQL reckons back before its beginning, or one of the infinities.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let due = try await connection.query("SELECT due_on FROM erp_invoice", as: PostgresDate.self)
/// let late = due.filter { $0.year < 2_026 }
/// let christmas = PostgresDate(year: 2_026, month: 12, day: 24)
/// ```
public struct PostgresDate: Sendable, Hashable, Comparable, PostgresDecodable, PostgresEncodable {
    /// Days since 2000-01-01, as PostgreSQL counts; the extremes are the infinities.
    public let daysSince2000: Int32

    /// Creates a date from the days since 2000-01-01.
    public init(daysSince2000: Int32) { self.daysSince2000 = daysSince2000 }

    /// Creates a date, or `nil` where there is no such day.
    ///
    /// - Parameter year: 0 is 1 BC, -1 is 2 BC.
    public init?(year: Int, month: Int, day: Int) {
        guard (-4_800...5_900_000).contains(year), (1...12).contains(month),
            day >= 1, day <= Calendar.days(in: month, of: year),
            let days = Int32(exactly: Calendar.days(year: year, month: month, day: day))
        else { return nil }
        self.init(daysSince2000: days)
    }

    /// Later than any other date.
    public static var infinity: Self { Self(daysSince2000: .max) }
    /// Earlier than any other date.
    public static var negativeInfinity: Self { Self(daysSince2000: .min) }

    /// Whether it is a day, not one of the infinities.
    public var isFinite: Bool { self.daysSince2000 != .max && self.daysSince2000 != .min }
    /// The year; 0 is 1 BC.
    ///
    /// It means nothing for the infinities, as do the month and the day.
    public var year: Int { self.civil.year }
    /// The month, 1…12.
    public var month: Int { self.civil.month }
    /// The day of the month, 1…31.
    public var day: Int { self.civil.day }
    /// Days since 1970-01-01, or `nil` for the infinities.
    public var daysSince1970: Int? { self.isFinite ? Int(self.daysSince2000) + Calendar.daysFrom1970To2000 : nil }

    private var civil: (year: Int, month: Int, day: Int) { Calendar.civil(days: Int(self.daysSince2000)) }

    /// Orders by time.
    public static func < (one: Self, other: Self) -> Bool { one.daysSince2000 < other.daysSince2000 }

    /// A `date`, or its ISO text.
    public init?(_ cell: PostgresCell) {
        if cell.format == .binary, cell.type == PostgresType.date.rawValue {
            guard let bytes = cell.bytes, bytes.count == 4 else { return nil }
            self.init(daysSince2000: Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        } else {
            guard let text = cell.text(whereType: cell.type == PostgresType.date.rawValue) else { return nil }
            self.init(text: text)
        }
    }

    private init?(text bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        if bytes.equals("infinity") {
            self = .infinity
        } else if bytes.equals("-infinity") {
            self = .negativeInfinity
        } else {
            guard let date = reader.date(), let year = reader.era(date.year), reader.isAtEnd else { return nil }
            self.init(year: year, month: date.month, day: date.day)
        }
    }

    /// The ISO text.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
}

extension PostgresDate: CustomStringConvertible {
    /// The ISO form as PostgreSQL writes it: `2026-11-21`, `0044-03-15 BC`, `infinity`.
    public var description: String {
        guard self.isFinite else { return self == .infinity ? "infinity" : "-infinity" }
        return self.text + self.era
    }

    /// The date without its era.
    var text: String {
        let (year, month, day) = self.civil
        return "\(Calendar.padded(year > 0 ? year : 1 - year, to: 4))-\(Calendar.padded(month))-\(Calendar.padded(day))"
    }

    /// ` BC` where the year is before the first.
    var era: String { self.year > 0 ? "" : " BC" }
}
