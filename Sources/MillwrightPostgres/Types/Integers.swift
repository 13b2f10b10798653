// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

// Whole numbers: of the integer types, `oid`, `xid`, `xid8`, and of any other value that is exactly one.

extension Int64: PostgresDecodable {
    /// A whole number of any type that holds one, where it fits.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.bytes else { return nil }
        switch (cell.format, PostgresType(rawValue: cell.type)) {
        case (.text, .int8), (.text, .int4): self.init(digits: bytes)
        case (.binary, .int8): self.init(bigEndian: bytes, as: Int64.self)
        case (.binary, .int4): self.init(bigEndian: bytes, as: Int32.self)
        case (.binary, .int2): self.init(bigEndian: bytes, as: Int16.self)
        case (.binary, .oid), (.binary, .xid), (.binary, .cid): self.init(bigEndian: bytes, as: UInt32.self)
        case (.binary, .xid8): self.init(bigEndian: bytes, as: UInt64.self)
        case (_, .numeric):
            guard let numeric = PostgresNumeric(cell) else { return nil }
            self.init(exactly: numeric)
        case (_, .float4), (_, .float8):
            guard let double = Double(cell) else { return nil }
            self.init(exactly: double)
        default:
            guard let text = cell.text(whereType: PostgresType(rawValue: cell.type).isNumber) else { return nil }
            self.init(digits: text)
        }
    }

    /// A number in network byte order, `nil` where the size is another or it does not fit.
    private init?<Number: FixedWidthInteger>(bigEndian bytes: UnsafeRawBufferPointer, as _: Number.Type) {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        self.init(exactly: Number(bigEndian: bytes.loadUnaligned(as: Number.self)))
    }

    /// Decimal digits with an optional minus; `nil` on anything else and on overflow.
    init?(digits bytes: UnsafeRawBufferPointer) {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard bytes.count > start else { return nil }
        var value: Int64 = 0
        if bytes.count <= 18 {  // cannot overflow
            for index in start..<bytes.count {
                let digit = bytes[index] &- 48
                guard digit <= 9 else { return nil }
                value = value &* 10 &- Int64(digit)
            }
        } else {
            for index in start..<bytes.count {
                let digit = bytes[index] &- 48
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                // downwards, so that Int64.min fits
                let (sum, carry) = product.subtractingReportingOverflow(Int64(digit))
                guard digit <= 9, !overflow, !carry else { return nil }
                value = sum
            }
        }
        guard isNegative || value != .min else { return nil }
        self = isNegative ? value : -value
    }
}

extension Int: PostgresDecodable {
    /// A whole number of any type that holds one, where it fits.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }
}

extension Int32: PostgresDecodable {
    /// A whole number of any type that holds one, where it fits.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }
}

extension Int16: PostgresDecodable {
    /// A whole number of any type that holds one, where it fits.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }
}

extension UInt32: PostgresDecodable {
    /// An `oid` or `xid`, or another whole number where it fits.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }
}

extension UInt64: PostgresDecodable {
    /// An `xid8`, or another whole number where it fits.
    public init?(_ cell: PostgresCell) {
        if let value = Int64(cell) {
            self.init(exactly: value)
        } else if cell.format == .binary, cell.type == PostgresType.xid8.rawValue, let bytes = cell.bytes,
            bytes.count == 8
        {
            self.init(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        } else if let numeric = PostgresNumeric(cell) {  // beyond Int64
            self.init(exactly: numeric)
        } else {
            return nil
        }
    }
}
