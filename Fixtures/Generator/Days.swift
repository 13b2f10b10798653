// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The two years that the data tells about, and their days as text.
///
/// They are fixed, not "the last two years": the same seed must give the same bytes whenever it is run.
enum Days {
    /// 2024-01-01, the first day; days are counted from it.
    static let first = 0
    /// How many days there are before 2026-01-01.
    static let count = 731
    /// How many seconds they have.
    static let seconds = Self.count * 86_400
    /// The days as `2024-01-01`; a hundred more follow the last one, for due dates.
    static let texts = Words((0..<Self.count + 100).map(Self.text))

    /// A day's date.
    static func text(_ day: Int) -> String {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var year = 2024
        var rest = day
        while rest >= (year % 4 == 0 ? 366 : 365) {
            rest -= year % 4 == 0 ? 366 : 365
            year += 1
        }
        var month = 0
        while rest >= lengths[month] + (month == 1 && year % 4 == 0 ? 1 : 0) {
            rest -= lengths[month] + (month == 1 && year % 4 == 0 ? 1 : 0)
            month += 1
        }
        return "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(rest < 9 ? "0" : "")\(rest + 1)"
    }
}
