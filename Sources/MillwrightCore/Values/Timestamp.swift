// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Points in time as text, in UTC, without a calendar library.
enum Timestamp {
    /// `2025-11-21 11:28:03 UTC`.
    static func text(_ secondsSince1970: Double) -> String {
        guard let parts = Parts(secondsSince1970) else { return "–" }
        return "\(parts.date) \(parts.clock) UTC"
    }

    /// `2025-11-21T11:28:03Z`, with milliseconds where there are any.
    static func rfc3339(_ secondsSince1970: Double) -> String {
        guard let parts = Parts(secondsSince1970) else { return "0000-01-01T00:00:00Z" }
        let fraction = parts.milliseconds == 0 ? "" : "." + Parts.padded(parts.milliseconds, to: 3)
        return "\(parts.date)T\(parts.clock)\(fraction)Z"
    }

    private struct Parts {
        var date: String
        var clock: String
        var milliseconds: Int

        /// Fails outside the years 1 to 9999, which RFC 3339 cannot write.
        init?(_ seconds: Double) {
            guard seconds.isFinite, seconds >= -62_135_596_800, seconds < 253_402_300_799.9995 else { return nil }
            let total = Int((seconds * 1000).rounded())
            self.milliseconds = Self.modulo(total, 1000)
            let whole = (total - self.milliseconds) / 1000
            let second = Self.modulo(whole, 86_400)
            let (year, month, day) = Self.civil(days: (whole - second) / 86_400)
            self.date = "\(Self.padded(year, to: 4))-\(Self.padded(month, to: 2))-\(Self.padded(day, to: 2))"
            self.clock = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, to: 2) }
                .joined(separator: ":")
        }

        static func padded(_ number: Int, to width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }

        private static func modulo(_ number: Int, _ divisor: Int) -> Int {
            let rest = number % divisor
            return rest < 0 ? rest + divisor : rest
        }

        /// Howard Hinnant's `civil_from_days`: eras of 400 years that begin on 1 March, so the leap day is the last.
        private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
            let shifted = days + 719_468
            let dayOfEra = Self.modulo(shifted, 146_097)
            let era = (shifted - dayOfEra) / 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let monthFromMarch = (5 * dayOfYear + 2) / 153
            let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
            let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
            return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        }
    }
}
