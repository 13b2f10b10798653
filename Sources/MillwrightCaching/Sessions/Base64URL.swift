// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Crypto

/// Base 64 with `-` and `_`, without padding (RFC 4648, section 5).
enum Base64URL {
    private static let letters: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// Whether a text is made of these letters alone.
    static func isEveryLetter(of text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes where !self.isLetter(byte) { return false }
            return true
        }
    }

    // A bit for each letter: the bytes 0…63 and 64…127.
    private static let lowLetters: UInt64 = 1 << 45 | 0x3FF << 48
    private static let highLetters: UInt64 = 0x3FF_FFFF << 1 | 1 << 31 | 0x3FF_FFFF << 33

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? self.lowLetters : self.highLetters) >> UInt64(byte & 63) & 1 == 1
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
            var (place, bits, count) = (0, UInt32(0), UInt32(0))
            for byte in bytes {
                (bits, count) = (bits << 8 | UInt32(byte), count + 8)
                while count >= 6 {
                    count -= 6
                    text[place] = Self.letter(bits >> count)
                    place += 1
                }
            }
            if count > 0 {
                text[place] = Self.letter(bits << (6 - count))
                place += 1
            }
            return place
        }
    }

    /// The letter of the lowest six bits.
    private static func letter(_ bits: UInt32) -> UInt8 { Self.letters.utf8Start[Int(bits & 63)] }

    /// The bytes, or `nil` where the text is none of these.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for letter in text.utf8 {
            guard let value = Self.value(letter) else { return nil }
            (bits, count) = (bits << 6 | value, count + 6)
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return text.utf8.count % 4 == 1 ? nil : bytes
    }

    /// The SHA-256 of a text.
    static func digest(of text: String) -> String {
        var text = text
        var hash = SHA256()
        text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return hash.finalize().withUnsafeBytes { Self.encode($0) }
    }
}
