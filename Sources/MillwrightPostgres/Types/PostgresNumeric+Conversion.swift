// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension FixedWidthInteger {
    /// Creates the integer that a `numeric` is, or `nil` where it has a fraction, does not fit or is no number.
    ///
    /// ```swift
    /// let whole = Int(exactly: PostgresNumeric(42))   // 42
    /// ```
    public init?(exactly numeric: PostgresNumeric) {
        if case .small(let coefficient) = numeric.value, numeric.scale == 0 {
            self.init(exactly: coefficient)
            return
        }
        guard let (isNegative, digits) = numeric.digits else { return nil }
        let (whole, fraction) = (digits.dropLast(numeric.scale), digits.suffix(numeric.scale))
        guard fraction.allSatisfy({ $0 == 0 }) else { return nil }
        let text = (isNegative ? [UInt8(ascii: "-")] : []) + (whole.isEmpty ? [48] : whole.map { $0 + 48 })
        self.init(String(decoding: text, as: UTF8.self))
    }
}

extension Double {
    /// Creates the double that a `numeric` is to the last digit, or `nil` where none is: 0.5 is one, 0.1 is none.
    ///
    /// ```swift
    /// let half = PostgresNumeric("0.50").flatMap { Double(exactly: $0) }   // 0.5
    /// ```
    public init?(exactly numeric: PostgresNumeric) {
        let nearest = numeric.double
        guard nearest.isFinite == numeric.isFinite else { return nil }
        guard nearest.isFinite else {
            self = nearest
            return
        }
        guard PostgresNumeric(exactDigitsOf: nearest) == numeric else { return nil }
        self = nearest
    }
}

extension PostgresNumeric {
    /// The nearest double; infinite where the number is greater than any.
    public var double: Double {
        switch self.value {
        // both are exact doubles, so that the division rounds once
        case .small(let number) where number.magnitude < 1 << 53 && self.scale < Self.powersOfTen.count:
            Double(number) / Self.powersOfTen[self.scale]
        case .notANumber: .nan
        case .infinity: .infinity
        case .negativeInfinity: -.infinity
        case .small, .large: Double(self.description) ?? .nan
        }
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// Whether there is a double near it.
    var isRepresentable: Bool { !self.isFinite || self.double.isFinite }

    /// Writes a finite double out: significand × 2^exponent, and a halving is a fifth part of ten.
    init(exactDigitsOf double: Double) {
        var digits = "\(UInt64(double.significandBitPattern) | (double.isNormal ? 1 << 52 : 0))".utf8.map { $0 - 48 }
        let exponent = (double.isNormal ? Int(double.exponentBitPattern) : 1) - 1_075
        for _ in 0..<abs(exponent) { Self.multiply(&digits, by: exponent < 0 ? 5 : 2) }
        self.init(digits: digits, isNegative: double < 0, scale: max(0, -exponent))
    }

    private static func multiply(_ digits: inout [UInt8], by factor: UInt8) {
        var carry: UInt8 = 0
        for index in digits.indices.reversed() {
            let product = digits[index] * factor + carry
            digits[index] = product % 10
            carry = product / 10
        }
        if carry > 0 { digits.insert(carry, at: 0) }
    }
}
