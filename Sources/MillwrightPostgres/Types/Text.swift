// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension String: PostgresDecodable {
    /// Text; bytes that are no UTF-8 are repaired with U+FFFD.
    ///
    /// The session's encoding is UTF-8, so the server itself refuses to send others, even from a database in `SQL_ASCII`, with
    /// SQLSTATE 22021; `convert_to(column, 'SQL_ASCII')` gives their exact bytes as `[UInt8]`.
    ///
    /// In text results that is any type's text form. In binary results only types whose bytes are text become a string: `text`,
    /// `varchar`, `char(n)`, `"char"`, `name`, `json`, `jsonb`, `xml`, enums and the like; others do not fit, and `::text`
    /// behind the column makes them.
    public init?(_ cell: PostgresCell) {
        guard let bytes = cell.textBytes else { return nil }
        if cell.format == .binary, cell.type == PostgresType.char.rawValue, let byte = bytes.first, byte >= 0x80 {
            self = "\\" + String(byte, radix: 8)  // as PostgreSQL 15 writes it
        } else {
            self = String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension Bool: PostgresDecodable {
    /// A `boolean`, or the text `t` or `f`.
    public init?(_ cell: PostgresCell) {
        if cell.format == .binary, cell.type == PostgresType.bool.rawValue {
            guard let bytes = cell.bytes, bytes.count == 1, bytes[0] <= 1 else { return nil }
            self = bytes[0] == 1
        } else {
            guard let text = cell.text(whereType: cell.type == PostgresType.bool.rawValue), text.count == 1 else {
                return nil
            }
            switch text[0] {
            case UInt8(ascii: "t"): self = true
            case UInt8(ascii: "f"): self = false
            default: return nil
            }
        }
    }
}

extension PostgresCell {
    /// The bytes of the text form, or `nil` for NULL and where a binary value is no text.
    var textBytes: UnsafeRawBufferPointer? {
        guard let bytes, self.format == .binary else { return self.bytes }
        let type = PostgresType(rawValue: self.type)
        if type == .jsonb {  // behind its version, always 1
            return bytes.first == 1 ? UnsafeRawBufferPointer(rebasing: bytes[1...]) : nil
        }
        if type == .char, bytes.count == 1, bytes[0] == 0 {  // its text is empty
            return UnsafeRawBufferPointer(rebasing: bytes[1...])
        }
        return type.isText || type.isUserDefined && Self.isPrintable(bytes) ? bytes : nil
    }

    /// The text form where the type is the one wanted, or text whose meaning is left to the reader; `nil` else: the digits of a
    /// `bit(3)` are no number, and those of a number no interval.
    func text(whereType isWanted: Bool) -> UnsafeRawBufferPointer? {
        if isWanted, self.format == .text { return self.bytes }
        let type = PostgresType(rawValue: self.type)
        let isOpen = type.isText || type.isUserDefined || type == .inferred || type == .jsonb
        return isOpen ? self.textBytes : nil
    }

    /// Whether bytes of a type that nobody knows are an enum's label or other text.
    ///
    /// Composite types, ranges and what extensions send in binary have zero or other control bytes in them.
    private static func isPrintable(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 || $0 == 10 || $0 == 13 }
            && String(validating: bytes, as: UTF8.self) != nil
    }
}
