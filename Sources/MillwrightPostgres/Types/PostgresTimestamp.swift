// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A point in time to the microsecond: `timestamptz`, or `timestamp` and `date` read as UTC.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let times = try await connection.query("SELECT created_at FROM erp_order", as: PostgresTimestamp.self)
/// let seconds = times.map(\.secondsSince1970)
/// let years = times.compactMap { $0.dateInUTC?.year }
/// let recent = try await connection.query("SELECT id FROM erp_order WHERE created_at > \(times[0])", as: Int.self)
/// ```
public struct PostgresTimestamp: Sendable, Hashable, Comparable, PostgresDecodable, PostgresEncodable {
    private static let microsecondsPerDay: Int64 = 86_400_000_000
    private static let microsecondsFrom1970To2000: Int64 = 946_684_800_000_000

    /// Microseconds since 2000-01-01 00:00 UTC, as PostgreSQL counts; the extremes are the infinities.
    public let microsecondsSince2000: Int64

    /// Creates a point in time from the microseconds since 2000-01-01 00:00 UTC.
    public init(microsecondsSince2000: Int64) { self.microsecondsSince2000 = microsecondsSince2000 }

    /// Creates a point in time from the seconds since 1970-01-01 00:00 UTC, to the nearest microsecond.
    ///
    /// - Returns: `nil` where that is further away than 285,000 years, or no number.
    public init?(secondsSince1970: Double) {
        guard abs(secondsSince1970) < 9e12 else { return nil }
        let whole = secondsSince1970.rounded(.down)
        let micros = Int64(whole) * 1_000_000 + Int64(((secondsSince1970 - whole) * 1_000_000).rounded())
        self.init(microsecondsSince2000: micros - Self.microsecondsFrom1970To2000)
    }

    /// Later than any other.
    public static var infinity: Self { Self(microsecondsSince2000: .max) }
    /// Earlier than any other.
    public static var negativeInfinity: Self { Self(microsecondsSince2000: .min) }

    /// Whether it is a point in time, not one of the infinities.
    public var isFinite: Bool { self.microsecondsSince2000 != .max && self.microsecondsSince2000 != .min }

    /// Seconds since 1970-01-01 00:00 UTC, as near as a double holds them; infinite for the infinities.
    public var secondsSince1970: Double {
        guard self.isFinite else { return self == .infinity ? .infinity : -.infinity }
        return (Double(self.microsecondsSince2000) + Double(Self.microsecondsFrom1970To2000)) / 1_000_000
    }

    /// Microseconds since 1970-01-01 00:00 UTC; `nil` for the infinities, and beyond the year 294,246.
    public var microsecondsSince1970: Int64? {
        let (sum, overflow) = self.microsecondsSince2000.addingReportingOverflow(Self.microsecondsFrom1970To2000)
        return self.isFinite && !overflow ? sum : nil
    }

    /// The day in UTC, or `nil` for the infinities.
    public var dateInUTC: PostgresDate? {
        self.isFinite ? PostgresDate(daysSince2000: Int32(self.daysAndTime.days)) : nil
    }

    /// The time of day in UTC, or `nil` for the infinities.
    public var timeInUTC: PostgresTime? {
        self.isFinite ? PostgresTime(microseconds: self.daysAndTime.microseconds) : nil
    }

    /// Days since 2000-01-01, rounded down, and the rest.
    private var daysAndTime: (days: Int64, microseconds: Int64) {
        let (days, rest) = self.microsecondsSince2000.quotientAndRemainder(dividingBy: Self.microsecondsPerDay)
        return rest < 0 ? (days - 1, rest + Self.microsecondsPerDay) : (days, rest)
    }

    /// Orders by time.
    public static func < (one: Self, other: Self) -> Bool { one.microsecondsSince2000 < other.microsecondsSince2000 }

    /// A `timestamptz`, a `timestamp` or `date` in UTC, or the ISO text of one, which connections pin with `DateStyle`.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes else { return nil }
        switch (cell.format, PostgresType(rawValue: cell.type)) {
        case (.text, .timestamptz), (.text, .timestamp), (.text, .date): self.init(text: bytes)
        case (.binary, .timestamptz), (.binary, .timestamp):
            guard bytes.count == 8 else { return nil }
            self.init(microsecondsSince2000: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case (.binary, .date):
            guard let date = PostgresDate(cell) else { return nil }
            self.init(date)
        default:
            guard let text = cell.text(whereType: false) else { return nil }
            self.init(text: text)
        }
    }

    /// Creates the midnight in UTC with which a date begins, or `nil` where it is beyond the year 294,276.
    public init?(_ date: PostgresDate) {
        guard date.isFinite else {
            self = date == .infinity ? .infinity : .negativeInfinity
            return
        }
        let (micros, overflow) = Int64(date.daysSince2000).multipliedReportingOverflow(by: Self.microsecondsPerDay)
        guard !overflow else { return nil }
        self.init(microsecondsSince2000: micros)
    }

    /// `2026-11-21 11:13:00.25+01`, with ` BC` where it is; without a time it is midnight, without an offset UTC.
    private init?(text bytes: UnsafeRawBufferPointer) {
        if let usual = Self(usualText: bytes) {
            self = usual
            return
        }
        var reader = ByteReader(bytes)
        if bytes.equals("infinity") {
            self = .infinity
        } else if bytes.equals("-infinity") {
            self = .negativeInfinity
        } else {
            guard let date = reader.date() else { return nil }
            var micros: Int64 = 0
            if reader.next == UInt8(ascii: " "), !reader.isBeforeEra, reader.take(" ") {
                guard let clock = reader.clock(hours: 23), let offset = reader.offset() else { return nil }
                micros = Int64(clock) - offset * 1_000_000
            }
            guard let year = reader.era(date.year), reader.isAtEnd,
                let date = PostgresDate(year: year, month: date.month, day: date.day), let midnight = Self(date)
            else { return nil }
            let (sum, overflow) = midnight.microsecondsSince2000.addingReportingOverflow(micros)
            guard !overflow else { return nil }
            self.init(microsecondsSince2000: sum)
        }
    }

    /// `2026-11-21 11:13:00.25+00`, where nearly all are like that: a year of four digits, whole hours of offset.
    private init?(usualText bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 22, bytes.count <= 29, bytes.count != 23 else { return nil }
        let end = bytes.count - 3
        var isWrong =
            bytes[4] != UInt8(ascii: "-") || bytes[7] != UInt8(ascii: "-") || bytes[10] != UInt8(ascii: " ")
            || bytes[13] != UInt8(ascii: ":") || bytes[16] != UInt8(ascii: ":")
            || end > 19 && bytes[19] != UInt8(ascii: ".")
        func number(_ range: Range<Int>) -> Int {
            var value = 0
            for index in range {
                let digit = bytes[index] &- 48
                if digit > 9 { isWrong = true }
                value = value &* 10 &+ Int(digit)
            }
            return value
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        var fraction = 0
        if end > 20 {
            fraction = number(20..<end)
            for _ in end..<26 { fraction *= 10 }
        }
        let offset = number(end + 1..<bytes.count)
        let isEast = bytes[end] == UInt8(ascii: "+")
        guard !isWrong, isEast || bytes[end] == UInt8(ascii: "-"), year > 0, (1...12).contains(month), day > 0,
            day <= Calendar.days(in: month, of: year), hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = ((hour - (isEast ? offset : -offset)) * 60 + minute) * 60 + second
        let days = Calendar.days(year: year, month: month, day: day)
        self.init(microsecondsSince2000: (Int64(days) * 86_400 + Int64(seconds)) * 1_000_000 + Int64(fraction))
    }

    /// The ISO text in UTC.
    ///
    /// Its type is left to the server: a `timestamp` column takes the UTC time of it, and gives the same point back.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
}

extension PostgresTimestamp: CustomStringConvertible {
    /// The ISO form in UTC as PostgreSQL writes it: `2026-11-21 10:13:00.25+00`, with ` BC` where it is.
    public var description: String {
        guard let date = self.dateInUTC, let time = self.timeInUTC else {
            return self == .infinity ? "infinity" : "-infinity"
        }
        return "\(date.text) \(time)+00\(date.era)"
    }
}

extension ByteReader {
    /// Whether ` BC` comes next, and no time of day.
    fileprivate var isBeforeEra: Bool {
        var ahead = self
        return ahead.take(word: " BC")
    }
}
