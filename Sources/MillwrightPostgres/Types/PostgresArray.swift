// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An array as PostgreSQL has it: any number of dimensions, each with a lower bound of its own.
///
/// A plain `[Int]` or `[[Int]]` does where the dimensions are known and begin at 1.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let grids = try await connection.query("SELECT '[0:1][1:2]={{1,2},{3,4}}'::int[]", as: PostgresArray<Int>.self)
/// let shape = grids[0].dimensions      // [2, 2]
/// let flat = grids[0].elements         // [1, 2, 3, 4]
/// let bounds = grids[0].lowerBounds    // [0, 1]
/// ```
public struct PostgresArray<Element: Sendable>: Sendable {
    /// The elements, the last dimension running fastest.
    public let elements: [Element]
    /// How many elements each dimension has, from the outermost in; none for an empty array.
    public let dimensions: [Int]
    /// The index with which each dimension begins, 1 unless somebody chose another.
    public let lowerBounds: [Int]

    /// Creates an array with one dimension.
    public init(_ elements: [Element], lowerBound: Int = 1) {
        self.elements = elements
        self.dimensions = elements.isEmpty ? [] : [elements.count]
        self.lowerBounds = elements.isEmpty ? [] : [lowerBound]
    }

    /// Creates an array, or `nil` where the dimensions do not hold the elements.
    ///
    /// - Parameter lowerBounds: one for each dimension; all 1 where `nil`.
    public init?(_ elements: [Element], dimensions: [Int], lowerBounds: [Int]? = nil) {
        let bounds = lowerBounds ?? dimensions.map { _ in 1 }
        let count = dimensions.isEmpty ? 0 : dimensions.reduce(1, *)
        guard count == elements.count, bounds.count == dimensions.count, dimensions.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        self.elements = elements
        self.dimensions = dimensions
        self.lowerBounds = bounds
    }
}

extension PostgresArray: Equatable where Element: Equatable {}
extension PostgresArray: Hashable where Element: Hashable {}

extension PostgresArray: PostgresDecodable where Element: PostgresDecodable {
    /// An array of any shape.
    public init?(_ cell: PostgresCell) throws {
        guard let bytes = cell.bytes else { return nil }
        var elements: [Element] = []
        func add(_ item: ArrayItem, _ type: PostgresType) throws -> Bool {
            let bytes: UnsafeRawBufferPointer?
            switch item {
            case .null: bytes = nil
            case .leaf(let leaf): bytes = leaf
            case .nested: return false
            }
            let cell = PostgresCell(bytes: bytes, type: type.rawValue, format: cell.format)
            guard let value = try Element(cell) else { return false }
            elements.append(value)
            return true
        }
        if cell.format == .binary {
            guard let array = BinaryArray(bytes, type: PostgresType(rawValue: cell.type)),
                try array.forEachLeaf({ try add($0, array.element) })
            else { return nil }
            self.init(elements, dimensions: array.dimensions, lowerBounds: array.lowerBounds)
        } else {
            guard let array = TextArray(bytes, type: PostgresType(rawValue: cell.type)),
                let dimensions = try array.flatten(depth: BinaryArray.mostDimensions, { try add($0, array.element) })
            else { return nil }
            self.init(
                elements,
                dimensions: dimensions,
                lowerBounds: array.lowerBounds.isEmpty ? nil : array.lowerBounds
            )
        }
    }
}

extension PostgresArray: PostgresEncodable where Element: PostgresEncodable {
    /// An array literal with its lower bounds, its type left to the server.
    public var bind: SQL.Bind {
        guard !self.elements.isEmpty else { return SQL.Bind("{}") }
        let bounds = zip(self.dimensions, self.lowerBounds).map { "[\($1):\($1 + $0 - 1)]" }.joined()
        var parts = self.elements.map { ArrayLiteral.quoted($0.bind.text) }
        for size in self.dimensions.reversed() {
            parts = stride(from: 0, to: parts.count, by: size).map { ArrayLiteral.text(parts[$0..<$0 + size]) }
        }
        return SQL.Bind(bounds + "=" + parts.joined())
    }
}

extension TextArray {
    /// Hands over all leaves in order; returns the sizes of the dimensions, or `nil` where they differ within one or are too many.
    fileprivate func flatten(depth: Int32, _ body: (ArrayItem) throws -> Bool) rethrows -> [Int]? {
        var (count, inner): (Int, [Int]?) = (0, nil)
        let isGood = try self.forEach { item in
            count += 1
            guard case .nested(let bytes) = item else { return try inner == nil && body(item) }
            guard depth > 1, let nested = TextArray(bytes, type: self.type),
                let sizes = try nested.flatten(depth: depth - 1, body)
            else { return false }
            defer { inner = sizes }
            return inner == nil ? count == 1 : inner == sizes
        }
        guard isGood else { return nil }
        return count == 0 ? [] : [count] + (inner ?? [])
    }
}
