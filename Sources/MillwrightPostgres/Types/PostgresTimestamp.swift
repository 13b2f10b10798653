// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A point in time: `timestamptz`, or `timestamp` and `date` read as UTC, to the microsecond.
public struct PostgresTimestamp: Sendable, Hashable, Comparable, PostgresDecodable {
    /// Microseconds since 1970-01-01 00:00 UTC; the extremes stand for `-infinity` and `infinity`.
    public let microseconds: Int64

    /// Creates a point in time.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// Seconds since 1970-01-01 00:00 UTC.
    public var secondsSince1970: Double { Double(self.microseconds) / 1_000_000 }

    /// Orders by time.
    public static func < (one: Self, other: Self) -> Bool { one.microseconds < other.microseconds }

    /// The ISO form that `DateStyle = ISO` writes: `2026-11-21 11:13:00.25+01`, with ` BC` where it is.
    public init?(_ cell: PostgresCell) {
        guard let text = cell.text else { return nil }
        switch text {
        case "infinity": self.init(microseconds: .max)
        case "-infinity": self.init(microseconds: .min)
        default:
            guard let microseconds = Self.parse(text) else { return nil }
            self.init(microseconds: microseconds)
        }
    }

    private static func parse(_ text: String) -> Int64? {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard var year = reader.number(), reader.take("-"), let month = reader.number(), reader.take("-"),
            let day = reader.number()
        else { return nil }
        var seconds: Int64 = 0
        var microseconds: Int64 = 0
        if reader.take(" "), reader.rest.first != UInt8(ascii: "B") {
            guard let hour = reader.number(), reader.take(":"), let minute = reader.number(), reader.take(":"),
                let second = reader.number()
            else { return nil }
            seconds = (hour * 60 + minute) * 60 + second
            if reader.take(".") {
                guard let fraction = reader.fraction() else { return nil }
                microseconds = fraction
            }
            guard let offset = reader.offset() else { return nil }
            seconds -= offset
            _ = reader.take(" ")
        }
        if reader.take("B"), reader.take("C") { year = 1 - year }
        guard reader.rest.isEmpty, (1...12).contains(month), (1...31).contains(day) else { return nil }
        return ((Self.days(year: year, month: month, day: day) * 86_400) + seconds) * 1_000_000 + microseconds
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March so that the leap day is last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Takes a timestamp's parts off the front of its text.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard self.rest.first == UInt8(ascii: character) else { return false }
            self.rest = self.rest.dropFirst()
            return true
        }

        mutating func digits() -> ArraySlice<UInt8>? {
            let digits = self.rest.prefix { (48...57).contains($0) }
            self.rest = self.rest.dropFirst(digits.count)
            return digits.isEmpty || digits.count > 7 ? nil : digits
        }

        mutating func number() -> Int64? { self.digits().map { $0.reduce(0) { $0 * 10 + Int64($1 - 48) } } }

        /// Up to six digits after the point, as microseconds.
        mutating func fraction() -> Int64? {
            guard let digits = self.digits(), digits.count <= 6 else { return nil }
            return (Array(digits) + Array(repeating: 48, count: 6 - digits.count)).reduce(0) {
                $0 * 10 + Int64($1 - 48)
            }
        }

        /// `+01`, `-03:30`, `+00:19:32`, or nothing, in seconds.
        mutating func offset() -> Int64? {
            let isEast = self.take("+")
            guard isEast || self.take("-") else { return 0 }
            guard let hours = self.number() else { return nil }
            var seconds = hours * 3_600
            if self.take(":") {
                guard let minutes = self.number() else { return nil }
                seconds += minutes * 60
            }
            if self.take(":") {
                guard let more = self.number() else { return nil }
                seconds += more
            }
            return isEast ? seconds : -seconds
        }
    }
}
