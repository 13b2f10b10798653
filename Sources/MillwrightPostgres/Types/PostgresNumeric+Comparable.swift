// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresNumeric: Comparable, Hashable {
    /// Compares by value: 1.0 is 1.00, and `NaN` equals itself.
    public static func == (one: Self, other: Self) -> Bool { one.compared(to: other) == 0 }

    /// Orders by value; `NaN` comes last.
    public static func < (one: Self, other: Self) -> Bool { one.compared(to: other) < 0 }

    /// Hashes the value, so that 1.0 and 1.00 are one key.
    public func hash(into hasher: inout Hasher) {
        guard let (isNegative, digits) = self.digits else { return hasher.combine(self.rank) }
        let zeros = min(digits.reversed().prefix { $0 == 0 }.count, self.scale)
        hasher.combine(isNegative)
        hasher.combine(digits.dropLast(zeros))
        hasher.combine(digits.isEmpty ? 0 : self.scale - zeros)
    }

    /// -1, 0 or 1.
    private func compared(to other: Self) -> Int {
        if case .small(let one) = self.value, case .small(let two) = other.value, self.scale == other.scale {
            return (one > two ? 1 : 0) - (one < two ? 1 : 0)
        }
        guard self.rank == other.rank else { return self.rank < other.rank ? -1 : 1 }
        guard let one = self.digits, let two = other.digits, self.rank != 0 else { return 0 }
        let order = Self.compare(one.digits, scale: self.scale, with: two.digits, scale: other.scale)
        return one.isNegative ? -order : order
    }

    /// Below numbers -2, negative ones -1, zero 0, positive ones 1, above them 2, and `NaN` after all.
    private var rank: Int {
        switch self.value {
        case .small(let number): Int(number.signum())
        case .large(_, let isNegative): isNegative ? -1 : 1
        case .negativeInfinity: -2
        case .infinity: 2
        case .notANumber: 3
        }
    }

    /// Compares two positive numbers: by where they begin, then digit by digit.
    private static func compare(_ one: [UInt8], scale: Int, with other: [UInt8], scale otherScale: Int) -> Int {
        let (start, otherStart) = (one.count - scale, other.count - otherScale)
        guard start == otherStart else { return start < otherStart ? -1 : 1 }
        for index in 0..<max(one.count, other.count) {
            let digit = index < one.count ? one[index] : 0
            let otherDigit = index < other.count ? other[index] : 0
            guard digit == otherDigit else { return digit < otherDigit ? -1 : 1 }
        }
        return 0
    }
}
