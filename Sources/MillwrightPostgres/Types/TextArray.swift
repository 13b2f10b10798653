// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The text form of an array: `{1,NULL,"a \"b\""}`, `[2:3]={7,8}`, `{{1},{2}}`; and of a vector: `1 2 3`.
struct TextArray {
    private var start: ByteReader
    let type: PostgresType
    private let isVector: Bool
    private let delimiter: Unicode.Scalar
    /// The type of the elements; inferred where it is not known here.
    let element: PostgresType
    /// Where each dimension begins, where the text says so.
    private(set) var lowerBounds: [Int] = []

    /// Reads up to the first brace; `nil` where there is none.
    init?(_ bytes: UnsafeRawBufferPointer, type: PostgresType) {
        guard !type.isText, !type.isBraced else { return nil }
        self.start = ByteReader(bytes)
        self.type = type
        let isVector = type == .int2vector || type == .oidvector
        self.isVector = isVector
        self.delimiter = isVector ? " " : type == .boxArray ? ";" : ","
        self.element = type.element ?? .inferred
        guard !isVector else {
            self.lowerBounds = bytes.isEmpty ? [] : [0]
            return
        }
        while self.start.take("[") {
            guard let lower = self.bound(), self.start.take(":"), self.bound() != nil, self.start.take("]") else {
                return nil
            }
            self.lowerBounds.append(lower)
        }
        guard self.lowerBounds.isEmpty || self.start.take("="), self.start.take("{") else { return nil }
    }

    private mutating func bound() -> Int? {
        let isNegative = self.start.take("-")
        return self.start.digits(atMost: 10).map { isNegative ? -Int($0) : Int($0) }
    }

    /// Hands over the items of the outermost dimension until one is refused; false then, and where the text is no array.
    func forEach(_ body: (ArrayItem) throws -> Bool) rethrows -> Bool {
        var reader = self.start
        guard !self.isVector else { return try reader.isAtEnd || self.items(&reader, body) && reader.isAtEnd }
        if reader.take("}") { return reader.isAtEnd }
        return try self.items(&reader, body) && reader.take("}") && reader.isAtEnd
    }

    private func items(_ reader: inout ByteReader, _ body: (ArrayItem) throws -> Bool) rethrows -> Bool {
        var scratch: [UInt8] = []
        repeat {
            let isGood: Bool
            switch reader.next {
            case UInt8(ascii: "\"") where !self.isVector:
                guard reader.takeQuoted(into: &scratch) else { return false }
                isGood = try scratch.withUnsafeBytes { try body(.leaf($0)) }
            case UInt8(ascii: "{") where !self.isVector:
                guard let nested = reader.takeNested() else { return false }
                isGood = try body(.nested(nested))
            default:
                guard let bare = reader.takeBare(until: self.delimiter) else { return false }
                isGood = try body(bare.equals("NULL") ? .null : .leaf(bare))
            }
            guard isGood else { return false }
        } while reader.take(self.delimiter)
        return true
    }
}

extension ByteReader {
    /// Takes what stands in double quotes, its backslashes resolved.
    fileprivate mutating func takeQuoted(into text: inout [UInt8]) -> Bool {
        text.removeAll(keepingCapacity: true)
        guard self.take("\"") else { return false }
        while !self.isAtEnd {
            if self.take("\"") { return true }
            _ = self.take("\\")
            guard !self.isAtEnd else { return false }
            text.append(self.next)
            self.skip()
        }
        return false
    }

    /// Takes what stands in braces, with them; braces within double quotes do not count.
    fileprivate mutating func takeNested() -> UnsafeRawBufferPointer? {
        let start = self.position
        var (depth, isQuoted) = (0, false)
        while !self.isAtEnd {
            let byte = self.next
            self.skip()
            switch byte {
            case UInt8(ascii: "\\"): self.skip()
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "{") where !isQuoted: depth += 1
            case UInt8(ascii: "}") where !isQuoted: depth -= 1
            default: break
            }
            if depth == 0 { return self.slice(from: start) }
        }
        return nil
    }

    /// Takes a value without quotes, which is never empty.
    fileprivate mutating func takeBare(until delimiter: Unicode.Scalar) -> UnsafeRawBufferPointer? {
        let (start, delimiter) = (self.position, UInt8(ascii: delimiter))
        while !self.isAtEnd, self.next != delimiter, self.next != UInt8(ascii: "}") {
            guard self.next != UInt8(ascii: "{"), self.next != UInt8(ascii: "\"") else { return nil }
            self.skip()
        }
        return self.position > start ? self.slice(from: start) : nil
    }
}
