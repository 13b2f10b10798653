// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

// Numbers with a floating point: what the type holds of `float4`, `float8`, `numeric` and the integers, rounded to the nearest.

extension Double: PostgresDecodable {
    /// `float4` and `float8` exactly, and other numbers rounded to the nearest; `nil` beyond the greatest double.
    ///
    /// A `float4` becomes the same number, as in `float4::float8`: 1.1 is 1.10000002384185791015625. Text holds as many digits as
    /// `extra_float_digits` says: with 1, the default since PostgreSQL 12, the number is exact; a binary result always is.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes else { return nil }
        switch (cell.format, PostgresType(rawValue: cell.type)) {
        case (.binary, .float8):
            guard bytes.count == 8 else { return nil }
            self.init(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        case (_, .float4):
            guard let float = Float(cell) else { return nil }
            self.init(float)
        case (.binary, .numeric):
            guard let numeric = PostgresNumeric(cell), numeric.isRepresentable else { return nil }
            self = numeric.double
        case (.binary, .int2), (.binary, .int4), (.binary, .int8), (.binary, .oid), (.binary, .xid), (.binary, .cid):
            guard let integer = Int64(cell) else { return nil }
            self.init(integer)
        case (.binary, .xid8):
            guard let integer = UInt64(cell) else { return nil }
            self.init(integer)
        default:
            guard let text = cell.text(whereType: PostgresType(rawValue: cell.type).isNumber) else { return nil }
            self.init(decimal: text)
        }
    }
}

extension Float: PostgresDecodable {
    /// `float4` exactly, and other numbers rounded to the nearest; `nil` beyond the greatest float.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes else { return nil }
        switch (cell.format, PostgresType(rawValue: cell.type)) {
        case (.binary, .float4):
            guard bytes.count == 4 else { return nil }
            self.init(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        case (.text, .float4):
            self.init(decimal: bytes)
        default:
            guard let double = Double(cell) else { return nil }
            self.init(double)
            guard self.isFinite || !double.isFinite else { return nil }
        }
    }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
    /// Decimal digits with point and exponent, or PostgreSQL's `NaN`, `Infinity` and `-Infinity`.
    fileprivate init?(decimal bytes: UnsafeRawBufferPointer) {
        let isPlain = bytes.allSatisfy { (48...57).contains($0) || $0 == 46 || $0 == 45 || $0 == 43 || $0 | 32 == 101 }
        if isPlain, let value = Self(String(decoding: bytes, as: UTF8.self)) {
            guard value.isFinite else { return nil }  // more than the type can hold
            self = value
        } else if bytes.equals("NaN") {
            self = .nan
        } else if bytes.equals("Infinity") {
            self = .infinity
        } else if bytes.equals("-Infinity") {
            self = -.infinity
        } else {
            return nil
        }
    }
}
