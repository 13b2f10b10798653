// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A `numeric` with every digit it has, and the zeros behind its point.
///
/// What fits in 64 bits, 18 digits at least, lives in the value itself, more in an array. Numbers compare and are equal as in PostgreSQL: 1.0 is 1.00,
/// `NaN` equals itself and is greater than all others.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let prices = try await connection.query("SELECT price FROM erp_product", as: PostgresNumeric.self)
/// let highest = prices.max()?.description ?? "none"     // "1999.90", as the server writes it
/// let wholeUnits = prices.compactMap { Int(exactly: $0) }  // those without cents
/// ```
public struct PostgresNumeric: Sendable, PostgresDecodable, PostgresEncodable {
    /// The number without its point: coefficient × 10^-scale.
    enum Value: Sendable {
        /// At most `Int64.max` without its sign.
        case small(Int64)
        /// More than that: decimal digits from the highest down, the first of them not 0.
        case large([UInt8], isNegative: Bool)
        case notANumber
        case infinity
        case negativeInfinity
    }

    let value: Value
    /// How many digits stand behind the point, 0…16383; 0 for `NaN` and the infinities.
    public let scale: Int

    init(_ value: Value, scale: Int = 0) {
        self.value = value
        self.scale = scale
    }

    /// Not a number.
    public static var notANumber: Self { Self(.notANumber) }
    /// More than any number; PostgreSQL 14 and later.
    public static var infinity: Self { Self(.infinity) }
    /// Less than any number; PostgreSQL 14 and later.
    public static var negativeInfinity: Self { Self(.negativeInfinity) }

    /// Creates a whole number.
    public init(_ integer: some BinaryInteger) {
        self.init(digits: Array("\(integer.magnitude)".utf8.map { $0 - 48 }), isNegative: integer < 0, scale: 0)
    }

    /// Creates a number from decimal digits, which may have a point and an exponent, or from `NaN`, `Infinity`, `-Infinity`.
    ///
    /// - Returns: `nil` where the text is none of them, or beyond what `numeric` holds.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Self(text: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// A `numeric`, an integer, or text of decimal digits; a `float8` does not fit, since its digits are not exact.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes else { return nil }
        let type = PostgresType(rawValue: cell.type)
        switch (cell.format, type) {
        case (.text, .numeric): self.init(text: bytes)
        case (.binary, .numeric): self.init(binary: bytes)
        case (_, .float4), (_, .float8): return nil
        case (.binary, .xid8):
            guard bytes.count == 8 else { return nil }
            self.init(UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        case (.binary, .int2), (.binary, .int4), (.binary, .int8), (.binary, .oid), (.binary, .xid), (.binary, .cid):
            guard let integer = Int64(cell) else { return nil }
            self.init(integer)
        default:
            guard let text = cell.text(whereType: type.isNumber) else { return nil }
            self.init(text: text)
        }
    }

    /// Creates a number from decimal digits, each 0…9, the lowest `scale` of them behind the point.
    init(digits: [UInt8], isNegative: Bool, scale: Int) {
        let digits = digits.first == 0 ? Array(digits.drop { $0 == 0 }) : digits
        // 19 digits are below 2^64: they have become negative where they do not fit
        let magnitude = digits.prefix(20).reduce(Int64(0)) { $0 &* 10 &+ Int64($1) }
        if digits.count <= 19, magnitude >= 0 {
            self.init(.small(isNegative ? -magnitude : magnitude), scale: scale)
        } else {
            self.init(.large(digits, isNegative: isNegative), scale: scale)
        }
    }

    /// Its digits, as PostgreSQL writes them.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
}

extension PostgresNumeric {
    /// Whether it is a number: neither `NaN` nor infinite.
    public var isFinite: Bool {
        switch self.value {
        case .small, .large: true
        case .notANumber, .infinity, .negativeInfinity: false
        }
    }
    /// Whether it is `NaN`.
    public var isNaN: Bool { if case .notANumber = self.value { true } else { false } }

    /// The sign and the decimal digits, none for zero, or `nil` where it is no finite number.
    var digits: (isNegative: Bool, digits: [UInt8])? {
        switch self.value {
        case .small(let number):
            (number < 0, number == 0 ? [] : "\(number.magnitude)".utf8.map { $0 - 48 })
        case .large(let digits, let isNegative): (isNegative, digits)
        case .notANumber, .infinity, .negativeInfinity: nil
        }
    }
}

extension PostgresNumeric: CustomStringConvertible {
    /// The digits as PostgreSQL writes them: `-12.50`, `NaN`, `Infinity`.
    public var description: String {
        guard let (isNegative, digits) = self.digits else {
            return self.isNaN ? "NaN" : self < Self(.small(0)) ? "-Infinity" : "Infinity"
        }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let padded = Array(repeating: 0, count: Swift.max(0, self.scale + 1 - digits.count)) + digits
        for (index, digit) in padded.enumerated() {
            if index == padded.count - self.scale { text.append(UInt8(ascii: ".")) }
            text.append(digit + 48)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
