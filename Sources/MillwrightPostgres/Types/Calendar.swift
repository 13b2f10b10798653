// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The proleptic Gregorian calendar, its days counted from 2000-01-01 as PostgreSQL counts them.
enum Calendar {
    static let daysFrom1970To2000 = 10_957

    // Both count in years that begin in March, so that the leap day is the last, and in eras of 400 of them.
    private static let daysFromEraTo2000 = 730_425

    static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - self.daysFromEraTo2000
    }

    static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + self.daysFromEraTo2000
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// A number with zeros before it.
    static func padded(_ number: some BinaryInteger, to width: Int = 2) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// `04:05:06.789`, the fraction without the zeros at its end.
    static func clock(microseconds: UInt64) -> String {
        let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        var text = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { self.padded($0) }.joined(separator: ":")
        guard fraction > 0 else { return text }
        text += "." + self.padded(fraction, to: 6)
        while text.last == "0" { text.removeLast() }
        return text
    }
}

extension ByteReader {
    /// `2026-11-21`, its year without the era.
    mutating func date() -> (year: Int, month: Int, day: Int)? {
        guard let year = self.digits(atMost: 7), self.take("-"), let month = self.digits(atMost: 2), self.take("-"),
            let day = self.digits(atMost: 2)
        else { return nil }
        return (Int(year), Int(month), Int(day))
    }

    /// The year as the calendar counts it, with the ` BC` behind the date taken where there is one; `nil` for a year 0.
    mutating func era(_ year: Int) -> Int? {
        guard year > 0 else { return nil }
        return self.take(word: " BC") ? 1 - year : year
    }

    /// `+01`, `-03:30`, `+00:19:32`, or nothing, in seconds.
    mutating func offset() -> Int64? {
        let isEast = self.take("+")
        guard isEast || self.take("-") else { return 0 }
        guard let hours = self.digits(atMost: 2) else { return nil }
        var seconds = hours * 3_600
        if self.take(":") {
            guard let minutes = self.digits(atMost: 2) else { return nil }
            seconds += minutes * 60
        }
        if self.take(":") {
            guard let more = self.digits(atMost: 2) else { return nil }
            seconds += more
        }
        return isEast ? seconds : -seconds
    }
}
