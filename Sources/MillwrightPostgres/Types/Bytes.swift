// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A byte: a whole number from 0 to 255, and the element of `[UInt8]`, which is a `bytea` or the exact bytes of a text.
extension UInt8: PostgresDecodable, PostgresEncodable {
    /// A whole number of any type that holds one, where it fits.
    public init?(_ cell: PostgresCell) {
        guard let value = Int64(cell) else { return nil }
        self.init(exactly: value)
    }

    /// A `bytea`, or the bytes of a text as they came, valid UTF-8 or not.
    public static func array(of cell: PostgresCell) -> [UInt8]? {
        guard cell.type == PostgresType.bytea.rawValue, let bytes = cell.bytes else {
            return cell.text(whereType: false).map { Array($0) }
        }
        if cell.format == .binary { return Array(bytes) }
        return bytes.starts(with: #"\x"#.utf8) ? self.hex(bytes) : self.escaped(bytes)
    }

    /// `bytea_output = hex`: `\x00ff`.
    private static func hex(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count % 2 == 0 else { return nil }
        var isValid = true
        let decoded = [UInt8](unsafeUninitializedCapacity: bytes.count / 2 - 1) { buffer, count in
            for index in 0..<buffer.count {
                let (high, low) = (UInt8(hexDigit: bytes[2 * index + 2]), UInt8(hexDigit: bytes[2 * index + 3]))
                isValid = isValid && high != nil && low != nil
                buffer[index] = (high ?? 0) << 4 | (low ?? 0)
            }
            count = buffer.count
        }
        return isValid ? decoded : nil
    }

    /// `bytea_output = escape`: `\\` is a backslash, `\ooo` an octal number, everything else itself.
    private static func escaped(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var decoded: [UInt8] = []
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            if !reader.take(#"\"#) {
                decoded.append(reader.next)
                reader.skip()
            } else if reader.take(#"\"#) {
                decoded.append(UInt8(ascii: #"\"#))
            } else {
                guard let digits = reader.take(count: 3), digits.allSatisfy({ (48...55).contains($0) }),
                    let byte = UInt8(exactly: digits.reduce(0) { $0 * 8 + Int($1 - 48) })
                else { return nil }
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// Decimal digits.
    public var bind: SQL.Bind { SQL.Bind(String(self)) }

    /// The hexadecimal text of a `bytea`, and that type: another one would take the digits for text.
    public static func bind(array: [UInt8]) -> SQL.Bind {
        let text = String(unsafeUninitializedCapacity: 2 * array.count + 2) { buffer in
            (buffer[0], buffer[1]) = (UInt8(ascii: #"\"#), UInt8(ascii: "x"))
            for (index, byte) in array.enumerated() {
                buffer[2 * index + 2] = (byte >> 4).hexDigit
                buffer[2 * index + 3] = (byte & 15).hexDigit
            }
            return 2 * array.count + 2
        }
        return SQL.Bind(text, type: .bytea)
    }
}
