// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What stands in an array: a value, NULL, or an array of one dimension less.
enum ArrayItem {
    case null
    case leaf(UnsafeRawBufferPointer)
    case nested(UnsafeRawBufferPointer)
}

/// Takes arrays apart, in either format.
enum ArrayElements {
    /// The items of the outermost dimension, decoded; `nil` where one does not fit or has another depth.
    static func decode<Element: PostgresDecodable>(_ cell: PostgresCell, isNested: Bool) throws -> [Element]? {
        guard let bytes = cell.bytes else { return nil }
        var all: [Element] = []
        func add(_ item: ArrayItem, _ type: PostgresType) throws -> Bool {
            guard let cell = Self.cell(item, type, of: cell, isNested: isNested), let value = try Element(cell) else {
                return false
            }
            all.append(value)
            return true
        }
        if cell.format == .binary {
            guard let array = BinaryArray(bytes, type: PostgresType(rawValue: cell.type)) else { return nil }
            all.reserveCapacity(array.dimensions.first ?? 0)
            guard try array.forEach({ try add($0, array.element) }) else { return nil }
        } else {
            guard let array = TextArray(bytes, type: PostgresType(rawValue: cell.type)) else { return nil }
            guard try array.forEach({ try add($0, array.element) }) else { return nil }
        }
        return all
    }

    /// An item as a cell, or `nil` where it is nested and should not be, or the other way round.
    private static func cell(
        _ item: ArrayItem,
        _ element: PostgresType,
        of array: PostgresCell,
        isNested: Bool
    ) -> PostgresCell? {
        switch item {
        case .null where !isNested: PostgresCell(bytes: nil, type: element.rawValue, format: array.format)
        case .leaf(let bytes) where !isNested:
            PostgresCell(bytes: bytes, type: element.rawValue, format: array.format)
        case .nested(let bytes) where isNested: PostgresCell(bytes: bytes, type: array.type, format: array.format)
        default: nil
        }
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    /// An array with one dimension, or with two for an array of arrays, and so on; its lower bounds are let go.
    ///
    /// NULL elements need an optional element type. `[UInt8]` is a `bytea`, or the exact bytes of a text.
    public init?(_ cell: PostgresCell) throws {
        guard let elements = try Element.array(of: cell) else { return nil }
        self = elements
    }

    /// An array of arrays, which is one with another dimension, or an array of `bytea` or of text.
    public static func array(of cell: PostgresCell) throws -> [[Element]]? {
        guard Element.self == UInt8.self else { return try ArrayElements.decode(cell, isNested: true) }
        // An element of `inet[]` looks like text where its type is not known, and its binary form is none.
        let type = PostgresType(rawValue: cell.type)
        guard type.element != nil || type.isUserDefined || type == .inferred else { return nil }
        return try ArrayElements.decode(cell, isNested: false)
    }
}
