// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Crypto

/// What the cookie holds: 256 random bits that the server has drawn.
///
/// Neither store knows it: they have its SHA-256.
public struct SessionID: Sendable, Hashable {
    /// The text for the cookie: 43 letters, digits, `-` and `_`.
    ///
    /// Whoever has it is the user: do not log it.
    public let text: String

    /// Draws a new one.
    public init() {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        self.text = Base64URL.encode(bytes)
    }

    /// Reads what a client sent; `nil` where it cannot be an id of ours.
    ///
    /// That it has the form does not mean that there is such a session: one that the store does not have is never taken over.
    public init?(cookie text: String) {
        guard text.utf8.count == 43, text.utf8.allSatisfy(Base64URL.isLetter) else { return nil }
        self.text = text
    }

    /// The key of its row.
    var key: String { Base64URL.encode(Array(SHA256.hash(data: Array(self.text.utf8)))) }
}

extension SessionID: CustomStringConvertible, CustomReflectable {
    /// Not the text.
    public var description: String { "***" }
    /// Not the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Base 64 with `-` and `_`, without padding (RFC 4648, section 5).
enum Base64URL {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func isLetter(_ byte: UInt8) -> Bool { self.value(byte) != nil }

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

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0...group.count { text.append(Self.letters[Int(bits >> UInt32(18 - 6 * place)) & 63]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

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
}
