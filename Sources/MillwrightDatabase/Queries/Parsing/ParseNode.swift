// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One node of a JSON document: a parse tree of libpg_query, or a plan of EXPLAIN.
///
/// The reader is small because both writers are known: it takes what they write and gives up on anything else.
indirect enum ParseNode: Sendable, Hashable {
    case object([String: ParseNode])
    case array([ParseNode])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    /// Reads a document, or nothing where it is none.
    init?(json: String) {
        var reader = Reader(bytes: Array(json.utf8))
        guard let node = reader.value() else { return nil }
        self = node
    }

    /// A member of an object.
    subscript(_ key: String) -> ParseNode? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The elements of an array; none for anything else.
    var elements: [ParseNode] { if case .array(let all) = self { all } else { [] } }

    /// Everything directly below, in no order for objects.
    var children: [ParseNode] {
        switch self {
        case .object(let members): Array(members.values)
        case .array(let all): all
        default: []
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var number: Double? { if case .number(let number) = self { number } else { nil } }
}

/// Reads JSON from its bytes; nesting is bounded, since a statement's may be hostile.
private struct Reader {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    mutating func value() -> ParseNode? {
        self.skipSpace()
        guard let byte = self.next, self.depth < 500 else { return nil }
        self.depth += 1
        defer { self.depth -= 1 }
        switch byte {
        case UInt8(ascii: "{"): return self.object()
        case UInt8(ascii: "["): return self.array()
        case UInt8(ascii: "\""): return self.string().map(ParseNode.text)
        default: return self.word()
        }
    }

    private mutating func object() -> ParseNode? {
        var members: [String: ParseNode] = [:]
        self.position += 1
        while !self.take("}") {
            guard let key = self.string(), self.take(":"), let value = self.value() else { return nil }
            members[key] = value
            _ = self.take(",")
        }
        return .object(members)
    }

    private mutating func array() -> ParseNode? {
        var all: [ParseNode] = []
        self.position += 1
        while !self.take("]") {
            guard let value = self.value() else { return nil }
            all.append(value)
            _ = self.take(",")
        }
        return .array(all)
    }

    private mutating func string() -> String? {
        self.skipSpace()
        guard self.next == UInt8(ascii: "\"") else { return nil }
        self.position += 1
        var text: [UInt8] = []
        while let byte = self.next {
            self.position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard self.escape(into: &text) else { return nil }
            } else {
                text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into text: inout [UInt8]) -> Bool {
        guard let byte = self.next else { return false }
        self.position += 1
        let plain: [UInt8: UInt8] = [98: 8, 102: 12, 110: 10, 114: 13, 116: 9]
        guard byte == UInt8(ascii: "u") else {
            text.append(plain[byte] ?? byte)
            return true
        }
        let digits = String(decoding: self.bytes[self.position...].prefix(4), as: UTF8.self)
        guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else { return false }
        self.position += 4
        text += Array(String(Character(scalar)).utf8)
        return true
    }

    private mutating func word() -> ParseNode? {
        let start = self.position
        let ends: Set<UInt8> = Set(",]}: \n\r\t".utf8)
        while let byte = self.next, !ends.contains(byte) { self.position += 1 }
        switch String(decoding: self.bytes[start..<self.position], as: UTF8.self) {
        case "true": return .flag(true)
        case "false": return .flag(false)
        case "null": return .null
        case let word: return Double(word).map(ParseNode.number)
        }
    }

    private mutating func take(_ mark: Character) -> Bool {
        self.skipSpace()
        guard self.next == mark.asciiValue else { return false }
        self.position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = self.next, byte == 32 || (9...13).contains(byte) { self.position += 1 }
    }
}
