// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PostgresNumeric {
    /// The limits of PostgreSQL's own type.
    private static let greatestScale = 16_383
    private static let mostIntegerDigits = 131_072

    // MARK: Text

    /// Reads decimal digits, with a point and an exponent where there are any.
    init?(text bytes: UnsafeRawBufferPointer) {
        if let short = Self(shortText: bytes) {
            self = short
        } else if bytes.equals("NaN") {
            self = .notANumber
        } else if bytes.equals("Infinity") {
            self = .infinity
        } else if bytes.equals("-Infinity") {
            self = .negativeInfinity
        } else {
            self.init(longText: bytes)
        }
    }

    /// What fits in 64 bits and has no exponent: nearly all numbers, read without an allocation.
    private init?(shortText bytes: UnsafeRawBufferPointer) {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard bytes.count > start, bytes.count <= 20 else { return nil }
        var (magnitude, point): (Int64, Int?) = (0, nil)
        for index in start..<bytes.count {
            let digit = bytes[index] &- 48
            if digit <= 9 {
                magnitude = magnitude &* 10 &+ Int64(digit)
            } else if bytes[index] == UInt8(ascii: "."), point == nil, bytes.count > start + 1 {
                point = index
            } else {
                return nil
            }
        }
        // 19 digits are below 2^64: they have become negative where they do not fit
        let digits = bytes.count - start - (point == nil ? 0 : 1)
        guard digits <= 19, magnitude >= 0 else { return nil }
        self.init(.small(isNegative ? -magnitude : magnitude), scale: point.map { bytes.count - 1 - $0 } ?? 0)
    }

    private init?(longText bytes: UnsafeRawBufferPointer) {
        if let plain = Self(plainText: bytes) {
            self = plain
            return
        }
        var reader = ByteReader(bytes)
        let isNegative = reader.take("-")
        if !isNegative { _ = reader.take("+") }
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count)
        Self.take(&digits, from: &reader)
        let integerDigits = digits.count
        if reader.take(".") { Self.take(&digits, from: &reader) }
        guard !digits.isEmpty, let exponent = Self.exponent(from: &reader), reader.isAtEnd else { return nil }
        let scale = digits.count - integerDigits - exponent
        if scale < 0 { digits += Array(repeating: 0, count: -scale) }
        guard scale <= Self.greatestScale, digits.count - max(scale, 0) <= Self.mostIntegerDigits else { return nil }
        self.init(digits: digits, isNegative: isNegative, scale: max(scale, 0))
    }

    /// Digits with at most one point between them, as PostgreSQL writes every finite number.
    private init?(plainText bytes: UnsafeRawBufferPointer) {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        var point: Int?
        var isPlain = bytes.count > start
        let digits = [UInt8](unsafeUninitializedCapacity: bytes.count) { digits, count in
            for index in start..<bytes.count {
                let digit = bytes[index] &- 48
                if digit <= 9 {
                    if digit == 0, count == 0 { continue }  // one that counts nothing
                    digits.initializeElement(at: count, to: digit)
                    count += 1
                } else if bytes[index] == UInt8(ascii: "."), point == nil, index > start, index < bytes.count - 1 {
                    point = index
                } else {
                    isPlain = false
                    return
                }
            }
        }
        let scale = point.map { bytes.count - 1 - $0 } ?? 0
        guard isPlain, scale <= Self.greatestScale, digits.count - scale <= Self.mostIntegerDigits else { return nil }
        self.init(digits: digits, isNegative: isNegative, scale: scale)
    }

    private static func take(_ digits: inout [UInt8], from reader: inout ByteReader) {
        while let digit = reader.digits(atMost: 1) { digits.append(UInt8(digit)) }
    }

    /// The number behind an `e`, 0 where there is none, `nil` where it is no number.
    private static func exponent(from reader: inout ByteReader) -> Int? {
        guard reader.take("e") || reader.take("E") else { return 0 }
        let isNegative = reader.take("-")
        if !isNegative { _ = reader.take("+") }
        guard let exponent = reader.digits(atMost: 6) else { return nil }
        return isNegative ? -Int(exponent) : Int(exponent)
    }

    // MARK: Binary

    /// Reads what `numeric_send` writes: count, weight, sign and scale, then groups of four digits from the highest down.
    init?(binary bytes: UnsafeRawBufferPointer) {
        if let short = Self(shortBinary: bytes) {
            self = short
        } else {
            self.init(longBinary: bytes)
        }
    }

    /// What has at most four groups, 16 digits: nearly all numbers, read without an allocation.
    private init?(shortBinary bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8, bytes.count <= 16 else { return nil }
        func number(_ index: Int) -> Int {
            Int(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
        }
        let (count, weight, sign, scale) = (number(0), number(1), number(2), number(3))
        let groupsBehindPoint = (scale + 3) / 4
        let needed = weight + 1 + groupsBehindPoint
        guard bytes.count == 8 + 2 * count, sign == 0 || sign == 0x4000, (0...Self.greatestScale).contains(scale),
            count <= needed, needed <= 4
        else { return nil }
        var magnitude = 0
        for index in 4..<4 + count {
            let group = number(index)
            guard group >= 0, group <= 9_999 else { return nil }
            magnitude = magnitude &* 10_000 &+ group
        }
        for _ in count..<needed { magnitude &*= 10_000 }
        for _ in scale..<4 * groupsBehindPoint {  // digits that the last group has beyond the scale
            guard magnitude % 10 == 0 else { return nil }
            magnitude /= 10
        }
        self.init(.small(Int64(sign == 0 ? magnitude : -magnitude)), scale: scale)
    }

    private init?(longBinary bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let count = reader.number(Int16.self), let weight = reader.number(Int16.self),
            let sign = reader.number(UInt16.self), let scale = reader.number(UInt16.self),
            bytes.count == 8 + 2 * Int(count), Int(scale) <= Self.greatestScale
        else { return nil }
        switch sign {
        case 0, 0x4000:
            let groups = Groups(bytes: bytes, count: Int(count), weight: Int(weight), scale: Int(scale))
            guard groups.areValid else { return nil }
            if let magnitude = groups.magnitude {
                self.init(.small(sign == 0 ? magnitude : -magnitude), scale: Int(scale))
            } else {
                self.init(digits: groups.digits, isNegative: sign != 0, scale: Int(scale))
            }
        case 0xC000 where count == 0: self = .notANumber
        case 0xD000 where count == 0: self = .infinity
        case 0xF000 where count == 0: self = .negativeInfinity
        default: return nil
        }
    }

    /// The groups of a binary number: group `i` counts 10000^(weight - i).
    private struct Groups {
        let bytes: UnsafeRawBufferPointer
        let count: Int
        let weight: Int
        let scale: Int

        /// How many groups reach down to the last digit behind the point, and how many digits too many the last one has.
        private var needed: Int { max(0, self.weight + 1 + (self.scale + 3) / 4) }
        private var surplus: Int { (4 - self.scale % 4) % 4 }

        private subscript(index: Int) -> UInt16 {
            guard index < self.count else { return 0 }
            return UInt16(bigEndian: self.bytes.loadUnaligned(fromByteOffset: 8 + 2 * index, as: UInt16.self))
        }

        /// Whether each group is four digits, and nothing but zeros stands beyond the scale.
        var areValid: Bool {
            for index in 0..<self.count where self[index] > 9_999 { return false }
            guard self.count >= self.needed else { return true }
            for index in self.needed..<self.count where self[index] != 0 { return false }
            return self.needed == 0 || self[self.needed - 1] % Self.power(self.surplus) == 0
        }

        /// The digits as one number, where it surely fits.
        var magnitude: Int64? {
            guard self.needed <= 4 || self.needed == 5 && self[0] < 900 else { return nil }
            var value: Int64 = 0
            for index in 0..<self.needed { value = value * 10_000 + Int64(self[index]) }
            value /= Int64(Self.power(self.surplus))
            return value
        }

        var digits: [UInt8] {
            var all: [UInt8] = []
            all.reserveCapacity(4 * self.needed)
            for index in 0..<self.needed {
                let group = self[index]
                for power in [1_000, 100, 10, 1] as [UInt16] { all.append(UInt8(group / power % 10)) }
            }
            return Array(all.dropLast(self.surplus))
        }

        private static func power(_ exponent: Int) -> UInt16 { [1, 10, 100, 1_000][exponent] }
    }
}
