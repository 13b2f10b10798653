// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Reads one JSON document (RFC 8259), keeping the order of members.
///
/// It is for answers of other programs: bounded in depth, and `nil` for whatever is no JSON. It is also what stands between a request
/// and its session, so runs of plain bytes are taken whole.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    private var depth = 0
    private static let deepest = 64

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The document, or `nil` where the bytes are none.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        var reader = JSONReader(bytes)
        guard let value = reader.value() else { return nil }
        reader.skipBlanks()
        guard reader.next == nil else { return nil }
        return value
    }

    /// The byte at the place; `nil` at the end.
    private var next: UInt8? { self.place < self.bytes.count ? self.bytes[self.place] : nil }

    private mutating func value() -> JSONValue? {
        self.skipBlanks()
        switch self.next {
        case UInt8(ascii: "{"): return self.nested { $0.object() }
        case UInt8(ascii: "["): return self.nested { $0.array() }
        case UInt8(ascii: "\""): return self.string().map { .string($0) }
        case UInt8(ascii: "t"): return self.word("true", .bool(true))
        case UInt8(ascii: "f"): return self.word("false", .bool(false))
        case UInt8(ascii: "n"): return self.word("null", .null)
        default: return self.number()
        }
    }

    // No `? value : nil` here: there `nil` would be JSON's.
    private mutating func word(_ text: StaticString, _ value: JSONValue) -> JSONValue? {
        guard self.take(text) else { return nil }
        return value
    }

    private mutating func nested(_ body: (inout JSONReader) -> JSONValue?) -> JSONValue? {
        self.place += 1
        self.depth += 1
        defer { self.depth -= 1 }
        return self.depth > Self.deepest ? nil : body(&self)
    }

    private mutating func object() -> JSONValue? {
        var members: [(key: String, value: JSONValue)] = []
        if self.takeToken("}") { return .object(members) }
        repeat {
            self.skipBlanks()
            guard let key = self.string(), self.takeToken(":"), let value = self.value() else { return nil }
            members.append((key, value))
        } while self.takeToken(",")
        guard self.takeToken("}") else { return nil }
        return .object(members)
    }

    private mutating func array() -> JSONValue? {
        var values: [JSONValue] = []
        if self.takeToken("]") { return .array(values) }
        repeat {
            guard let value = self.value() else { return nil }
            values.append(value)
        } while self.takeToken(",")
        guard self.takeToken("]") else { return nil }
        return .array(values)
    }

    private mutating func number() -> JSONValue? {
        let start = self.place
        while let byte = self.next, Self.isOfNumber(byte) { self.place += 1 }
        let text = String(decoding: self.bytes[start..<self.place], as: UTF8.self)
        return Int(text).map { .int($0) } ?? Double(text).map { .double($0) }
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}

extension JSONReader {
    private mutating func string() -> String? {
        guard self.takeByte(UInt8(ascii: "\"")) else { return nil }
        let (plain, isASCII) = self.plainRun()
        if self.takeByte(UInt8(ascii: "\"")) {
            return isASCII ? String(decoding: plain, as: UTF8.self) : String(validating: plain, as: UTF8.self)
        }
        var bytes = Array(plain)
        while let byte = self.next {
            switch byte {
            case UInt8(ascii: "\""):
                self.place += 1
                return String(validating: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                self.place += 1
                guard let escaped = self.escape() else { return nil }
                bytes += escaped.utf8
            case 0..<32: return nil
            default: bytes += self.plainRun().bytes
            }
        }
        return nil
    }

    /// Takes what stands for itself inside a string, eight bytes at a time.
    private mutating func plainRun() -> (bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) {
        let start = self.place
        let raw = UnsafeRawBufferPointer(self.bytes)
        var seen: UInt64 = 0
        while self.place + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: self.place, as: UInt64.self)
            guard !word.endsPlainRun else { break }
            seen |= word
            self.place += 8
        }
        while let byte = self.next, byte >= 32, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            seen |= UInt64(byte)
            self.place += 1
        }
        return (UnsafeBufferPointer(rebasing: self.bytes[start..<self.place]), seen & .highBits == 0)
    }

    private mutating func escape() -> String? {
        guard let byte = self.next else { return nil }
        self.place += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return self.scalar()
        default: return nil
        }
    }

    /// The rest of `\u` and, where it is the first half of a pair, the second one.
    private mutating func scalar() -> String? {
        guard let first = self.unit() else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return String(decoding: [first], as: UTF16.self) }
        guard self.take("\\u"), let second = self.unit() else { return nil }
        return String(decoding: [first, second], as: UTF16.self)
    }

    private mutating func unit() -> UInt16? {
        guard self.place + 4 <= self.bytes.count else { return nil }
        let digits = String(decoding: self.bytes[self.place..<self.place + 4], as: UTF8.self)
        self.place += 4
        return digits.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }
            ? UInt16(digits, radix: 16) : nil
    }

    private mutating func skipBlanks() {
        while let byte = self.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.place += 1 }
    }

    private mutating func takeToken(_ letter: Unicode.Scalar) -> Bool {
        self.skipBlanks()
        return self.takeByte(UInt8(ascii: letter))
    }

    private mutating func takeByte(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.place += 1
        return true
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard self.place + count <= self.bytes.count else { return false }
        for offset in 0..<count where self.bytes[self.place + offset] != word.utf8Start[offset] { return false }
        self.place += count
        return true
    }
}

extension UInt64 {
    /// The highest bit of each byte.
    fileprivate static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// Whether one of its bytes is a control character, a quote or a backslash.
    ///
    /// `(x - n) & ~x` has the highest bit of some byte set just where a byte of `x` is smaller than `n`.
    fileprivate var endsPlainRun: Bool {
        let quotes = self ^ (Self.ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = self ^ (Self.ones &* UInt64(UInt8(ascii: "\\")))
        let found =
            (self &- Self.ones &* 32) & ~self | (quotes &- Self.ones) & ~quotes
            | (backslashes &- Self.ones) & ~backslashes
        return found & Self.highBits != 0
    }
}

extension JSONValue {
    /// Reads one JSON document (RFC 8259), keeping the order of members; `nil` where the text is none, or nested deeper than 64.
    public init?(parsing text: String) {
        var text = text
        guard let value = text.withUTF8({ JSONReader.read($0) }) else { return nil }
        self = value
    }

    /// Reads one JSON document from its UTF-8, as ``init(parsing:)-(String)`` does.
    public init?(parsing bytes: ArraySlice<UInt8>) {
        guard let value = bytes.withUnsafeBufferPointer({ JSONReader.read($0) }) else { return nil }
        self = value
    }
}
