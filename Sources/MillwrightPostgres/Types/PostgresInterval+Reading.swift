// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresInterval {
    /// Reads the text of any `IntervalStyle`; they can be told apart, so no session setting is needed.
    ///
    /// - `postgres`: `1 year 2 mons -3 days +04:05:06.789`
    /// - `postgres_verbose`: `@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs ago`
    /// - `sql_standard`: `+1-2 -3 +4:05:06.789`, `-1-2`, `3 4:05:06`, `0`
    /// - `iso_8601`: `P1Y2M-3DT4H5M6.789S`
    init?(text bytes: UnsafeRawBufferPointer) {
        if bytes.equals("infinity") {
            self = .infinity
        } else if bytes.equals("-infinity") {
            self = .negativeInfinity
        } else {
            var sum = Sum(reader: ByteReader(bytes))
            guard let interval = sum.reader.take("P") ? sum.iso() : sum.words() else { return nil }
            self = interval
        }
    }

    /// Adds up the parts of an interval's text.
    private struct Sum {
        var reader: ByteReader
        private var months: Int64 = 0
        private var days: Int64 = 0
        private var microseconds: Int64 = 0
        /// Whether it counts downwards, since `ago` may follow and the lowest number has no positive counterpart.
        private var isReversed = false
        private var isWithin = true
        private var parts = 0

        init(reader: ByteReader) { self.reader = reader }

        /// What was added up, negated where `ago` stood behind it.
        private func interval(isAgo: Bool = false) -> PostgresInterval? {
            let sign: Int64 = isAgo == self.isReversed ? 1 : -1
            let (micros, overflow) = self.microseconds.multipliedReportingOverflow(by: sign)
            guard self.reader.isAtEnd, self.isWithin, !overflow, self.parts > 0,
                let months = Int32(exactly: sign * self.months), let days = Int32(exactly: sign * self.days)
            else { return nil }
            return PostgresInterval(months: months, days: days, microseconds: micros)
        }

        // MARK: iso_8601

        mutating func iso() -> PostgresInterval? {
            var isTime = false
            while !self.reader.isAtEnd {
                if !isTime, self.reader.take("T") {
                    isTime = true
                    continue
                }
                let isNegative = self.reader.take("-")
                guard let number = self.reader.magnitude(), self.take(isoUnit: number, isNegative, isTime: isTime)
                else {
                    return nil
                }
            }
            return self.interval()
        }

        private mutating func take(isoUnit number: UInt64, _ isNegative: Bool, isTime: Bool) -> Bool {
            if self.reader.take(".") {
                guard isTime, let fraction = self.reader.fraction(), self.reader.take("S") else { return false }
                self.add(number, .second, isNegative)
                self.add(fraction, .microsecond, isNegative)
                return true
            }
            let units: [(Unicode.Scalar, Unit)] =
                isTime ? [("H", .hour), ("M", .minute), ("S", .second)] : [("Y", .year), ("M", .month), ("D", .day)]
            for (letter, unit) in units where self.reader.take(letter) {
                self.add(number, unit, isNegative)
                return true
            }
            return false
        }

        // MARK: postgres, postgres_verbose, sql_standard

        mutating func words() -> PostgresInterval? {
            let isVerbose = self.reader.take(word: "@ ")
            self.isReversed = isVerbose
            var isNegative = false
            while !self.reader.isAtEnd {
                if isVerbose, self.parts > 0, self.reader.take(word: "ago") { return self.interval(isAgo: true) }
                // A part without a sign has that of the part before it, but in postgres_verbose.
                if self.reader.take("-") {
                    isNegative = true
                } else if self.reader.take("+") || isVerbose {
                    isNegative = false
                }
                guard self.take(partWithSign: isNegative, isVerbose: isVerbose) else { return nil }
                guard self.reader.isAtEnd || self.reader.take(" ") && !self.reader.isAtEnd else { return nil }
            }
            return self.interval()
        }

        private mutating func take(partWithSign isNegative: Bool, isVerbose: Bool) -> Bool {
            let start = self.reader
            guard let number = self.reader.magnitude() else { return false }
            if self.reader.take(":") {  // 04:05:06.789
                self.reader = start
                guard let micros = self.reader.clock(hours: 2_562_047_788) else { return false }
                self.add(micros, .microsecond, isNegative)
            } else if self.reader.take("-") {  // 1-2
                guard let months = self.reader.magnitude() else { return false }
                self.add(number, .year, isNegative)
                self.add(months, .month, isNegative)
            } else if self.reader.take(".") {  // 6.789 secs
                guard let fraction = self.reader.fraction(), self.reader.take(" "), self.takeUnit() == .second else {
                    return false
                }
                self.add(number, .second, isNegative)
                self.add(fraction, .microsecond, isNegative)
            } else if self.reader.next == UInt8(ascii: " "), let unit = self.unitAhead() {  // 3 days
                self.add(number, unit, isNegative)
            } else {  // 3 4:05:06
                self.add(number, .day, isNegative)
            }
            return true
        }

        /// Takes a blank and a unit behind it, where they come next.
        private mutating func unitAhead() -> Unit? {
            let start = self.reader
            if self.reader.take(" "), let unit = self.takeUnit() { return unit }
            self.reader = start
            return nil
        }

        private mutating func takeUnit() -> Unit? {
            for unit in Unit.named where self.reader.take(word: unit.name) {
                _ = self.reader.take("s")
                return unit.unit
            }
            return nil
        }

        private mutating func add(_ number: UInt64, _ unit: Unit, _ isNegative: Bool) {
            let (size, overflow) = number.multipliedReportingOverflow(by: unit.size)
            let isNegative = isNegative != self.isReversed
            guard !overflow, size <= Int64.max.magnitude + (isNegative ? 1 : 0) else { return self.isWithin = false }
            let signed = Int64(truncatingIfNeeded: isNegative ? 0 &- size : size)
            let carry: Bool
            switch unit {
            case .year, .month: (self.months, carry) = self.months.addingReportingOverflow(signed)
            case .day: (self.days, carry) = self.days.addingReportingOverflow(signed)
            default: (self.microseconds, carry) = self.microseconds.addingReportingOverflow(signed)
            }
            self.isWithin = self.isWithin && !carry
            self.parts += 1
        }
    }

    private enum Unit {
        case year, month, day, hour, minute, second, microsecond

        static let named: [(name: StaticString, unit: Unit)] = [
            ("year", .year), ("mon", .month), ("day", .day), ("hour", .hour), ("min", .minute), ("sec", .second),
        ]

        /// In months, days or microseconds.
        var size: UInt64 {
            switch self {
            case .year: 12
            case .month, .day, .microsecond: 1
            case .hour: 3_600_000_000
            case .minute: 60_000_000
            case .second: 1_000_000
            }
        }
    }
}

extension ByteReader {
    fileprivate mutating func magnitude() -> UInt64? { self.digits().map { UInt64($0) } }
    fileprivate mutating func fraction() -> UInt64? { self.millionths().map { UInt64($0) } }
}
