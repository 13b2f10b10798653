// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Reads one JSON document (RFC 8259), keeping the order of members.
///
/// It is for answers of other programs: bounded in depth, and `nil` for whatever is no JSON.
struct JSONReader {
    private var rest: Substring.UTF8View
    private var depth = 0
    private static let deepest = 64

    private init(_ text: String) { self.rest = text[...].utf8 }

    /// The document, or `nil` where the text is none.
    static func read(_ text: String) -> JSONValue? {
        var reader = JSONReader(text)
        guard let value = reader.value() else { return nil }
        reader.skipBlanks()
        guard reader.rest.isEmpty else { return nil }
        return value
    }

    private mutating func value() -> JSONValue? {
        self.skipBlanks()
        switch self.rest.first {
        case UInt8(ascii: "{"): return self.nested { $0.object() }
        case UInt8(ascii: "["): return self.nested { $0.array() }
        case UInt8(ascii: "\""): return self.string().map { .string($0) }
        case UInt8(ascii: "t"): return self.word("true", .bool(true))
        case UInt8(ascii: "f"): return self.word("false", .bool(false))
        case UInt8(ascii: "n"): return self.word("null", .null)
        default: return self.number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) -> JSONValue? {
        guard self.take(text) else { return nil }
        return value
    }

    private mutating func nested(_ body: (inout JSONReader) -> JSONValue?) -> JSONValue? {
        self.rest.removeFirst()
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
        let allowed = "+-.eE0123456789".utf8
        let text = String(Substring(self.rest.prefix { allowed.contains($0) }))
        self.rest = self.rest.dropFirst(text.utf8.count)
        return Int(text).map { .int($0) } ?? Double(text).map { .double($0) }
    }
}

extension JSONReader {
    private mutating func string() -> String? {
        guard self.take("\"") else { return nil }
        var bytes: [UInt8] = []
        while let byte = self.rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(validating: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = self.escape() else { return nil }
                bytes += escaped.utf8
            case 0..<32: return nil
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> String? {
        let plain: [Character: String] = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        ]
        guard let byte = self.rest.popFirst() else { return nil }
        let letter = Character(Unicode.Scalar(byte))
        guard letter == "u" else { return plain[letter] }
        guard let first = self.unit() else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return String(decoding: [first], as: UTF16.self) }
        guard self.take("\\u"), let second = self.unit() else { return nil }
        return String(decoding: [first, second], as: UTF16.self)
    }

    private mutating func unit() -> UInt16? {
        let digits = String(Substring(self.rest.prefix(4)))
        self.rest = self.rest.dropFirst(4)
        return digits.utf8.count == 4 ? UInt16(digits, radix: 16) : nil
    }

    private mutating func skipBlanks() {
        self.rest = self.rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }

    private mutating func takeToken(_ text: String) -> Bool {
        self.skipBlanks()
        return self.take(text)
    }

    private mutating func take(_ text: String) -> Bool {
        guard self.rest.starts(with: text.utf8) else { return false }
        self.rest = self.rest.dropFirst(text.utf8.count)
        return true
    }
}

extension JSONValue {
    /// Reads one JSON document; `nil` where the text is none.
    public init?(json text: String) {
        guard let value = JSONReader.read(text) else { return nil }
        self = value
    }
}

extension JSONValue {
    /// Reads one JSON document (RFC 8259), keeping the order of members; `nil` where the text is none, or nested deeper than 64.
    public init?(parsing text: String) {
        guard let value = JSONReader.read(text) else { return nil }
        self = value
    }
}
