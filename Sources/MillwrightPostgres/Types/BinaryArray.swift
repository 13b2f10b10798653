// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The binary form of an array: its dimensions, then its elements one after another.
struct BinaryArray {
    /// As in PostgreSQL's `MAXDIM`.
    static let mostDimensions: Int32 = 6

    /// The type of the elements.
    let element: PostgresType
    /// How many elements each dimension has, from the outermost in; none for an empty array.
    private(set) var dimensions: [Int] = []
    /// Where each dimension begins.
    private(set) var lowerBounds: [Int] = []
    /// How many elements there are.
    private(set) var count = 1
    /// At the first element.
    private let elements: ByteReader

    /// Reads the head; `nil` where it is none, or where the elements are not those of the type.
    init?(_ bytes: UnsafeRawBufferPointer, type: PostgresType) {
        var reader = ByteReader(bytes)
        guard type.element != nil || type.isUserDefined,
            let count = reader.number(Int32.self), (0...Self.mostDimensions).contains(count),
            let flags = reader.number(Int32.self), flags == 0 || flags == 1,
            let element = reader.number(UInt32.self), element == (type.element?.rawValue ?? element)
        else { return nil }
        self.element = PostgresType(rawValue: element)
        for _ in 0..<count {
            guard let size = reader.number(Int32.self), size >= 0, let lower = reader.number(Int32.self) else {
                return nil
            }
            self.dimensions.append(Int(size))
            self.lowerBounds.append(Int(lower))
            self.count *= Int(size)
            // each element has four bytes of length at least, so that no size can ask for more memory than came
            guard self.count <= bytes.count / 4 else { return nil }
        }
        if count == 0 || self.count == 0 { (self.count, self.dimensions, self.lowerBounds) = (0, [], []) }
        self.elements = reader
    }

    /// Hands over every element in order until one is refused; false then, and where the bytes are too few or too many.
    func forEachLeaf(_ body: (ArrayItem) throws -> Bool) rethrows -> Bool {
        var reader = self.elements
        for _ in 0..<self.count {
            guard let item = reader.takeItem(), try body(item) else { return false }
        }
        return reader.isAtEnd
    }

    /// Hands over the items of the outermost dimension in the same way.
    func forEach(_ body: (ArrayItem) throws -> Bool) rethrows -> Bool {
        guard self.dimensions.count > 1, let outermost = self.dimensions.first else {
            return try self.forEachLeaf(body)
        }
        var reader = self.elements
        for _ in 0..<outermost {
            let start = reader.position
            for _ in 0..<(self.count / outermost) where reader.takeItem() == nil { return false }
            let nested = self.innerHead + reader.slice(from: start)
            guard try nested.withUnsafeBytes({ try body(.nested($0)) }) else { return false }
        }
        return reader.isAtEnd
    }

    /// The head of an array within the outermost dimension.
    private var innerHead: [UInt8] {
        var numbers = [UInt32(self.dimensions.count - 1), 1, self.element.rawValue]
        for (size, lower) in zip(self.dimensions, self.lowerBounds).dropFirst() {
            numbers += [UInt32(size), UInt32(truncatingIfNeeded: lower)]
        }
        return numbers.flatMap { number in withUnsafeBytes(of: number.bigEndian) { Array($0) } }
    }
}

extension ByteReader {
    /// An element with its length before it; -1 is NULL.
    fileprivate mutating func takeItem() -> ArrayItem? {
        guard let length = self.number(Int32.self) else { return nil }
        return length == -1 ? .null : self.take(count: Int(length)).map { .leaf($0) }
    }
}
