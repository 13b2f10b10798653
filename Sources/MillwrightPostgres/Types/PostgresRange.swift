// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A range: all values between two bounds, each of which may be missing, counted in or left out.
///
/// PostgreSQL writes ranges of whole numbers and of dates with the lower bound counted in and the upper one left out:
/// `[1,5]` comes back as `[1,5)` of 6. A range of a type of one's own is read from text results alone, a multirange not at all:
/// `unnest` makes ranges of it.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let stays = try await connection.query("SELECT '[2026-11-20,2026-11-23)'::daterange", as: PostgresRange<PostgresDate>.self)
/// if let day = PostgresDate(year: 2_026, month: 11, day: 22) { print(stays[0].contains(day)) }
/// let ages = PostgresRange(from: 18, upTo: nil)
/// let adults: SQL = "SELECT name FROM erp_customer WHERE \(ages)::int4range @> age"
/// ```
public struct PostgresRange<Bound: Sendable>: Sendable {
    /// The lower bound; `nil` where there is none, and for an empty range.
    public let lower: Bound?
    /// The upper bound; `nil` where there is none, and for an empty range.
    public let upper: Bound?
    /// Whether the lower bound itself is in the range; false where there is none.
    public let includesLower: Bool
    /// Whether the upper bound itself is in the range; false where there is none.
    public let includesUpper: Bool
    /// Whether nothing is in the range.
    public let isEmpty: Bool

    /// Creates a range; a bound that is `nil` is missing: everything on that side is in.
    public init(from lower: Bound?, includesLower: Bool = true, upTo upper: Bound?, includesUpper: Bool = false) {
        self.lower = lower
        self.upper = upper
        self.includesLower = includesLower && lower != nil
        self.includesUpper = includesUpper && upper != nil
        self.isEmpty = false
    }

    private init() {
        (self.lower, self.upper) = (nil, nil)
        (self.includesLower, self.includesUpper, self.isEmpty) = (false, false, true)
    }

    /// The range that holds nothing.
    public static var empty: Self { Self() }
}

extension PostgresRange: Equatable where Bound: Equatable {}
extension PostgresRange: Hashable where Bound: Hashable {}

extension PostgresRange where Bound: Comparable {
    /// Whether a value is in the range.
    public func contains(_ value: Bound) -> Bool {
        guard !self.isEmpty else { return false }
        if let lower, value < lower || value == lower && !self.includesLower { return false }
        if let upper, value > upper || value == upper && !self.includesUpper { return false }
        return true
    }
}

extension PostgresRange: PostgresEncodable where Bound: PostgresEncodable {
    /// The text form, each bound in double quotes, its type left to the server.
    public var bind: SQL.Bind {
        guard !self.isEmpty else { return SQL.Bind("empty") }
        let bounds = [self.lower, self.upper].map { $0.map { ArrayLiteral.quoted($0.bind.text) } ?? "" }
        let (open, close) = (self.includesLower ? "[" : "(", self.includesUpper ? "]" : ")")
        return SQL.Bind("\(open)\(bounds[0]),\(bounds[1])\(close)")
    }
}

extension PostgresRange: PostgresDecodable where Bound: PostgresDecodable {
    /// A range of a type that has values of `Bound`, or its text.
    public init?(_ cell: PostgresCell) throws {
        let bound = PostgresType(rawValue: cell.type).rangeBound
        if cell.format == .binary, let bound {
            guard let bytes = cell.bytes else { return nil }
            try self.init(binary: bytes, bound)
        } else {
            guard let text = cell.text(whereType: bound != nil) else { return nil }
            try self.init(text: text, bound ?? .inferred)
        }
    }

    /// Flags, then the bounds that there are, each with its length before it.
    private init?(binary bytes: UnsafeRawBufferPointer, _ type: PostgresType) throws {
        var reader = ByteReader(bytes)
        // 1 empty, 2 and 4 counted in, 8 and 16 missing: RANGE_EMPTY … RANGE_UB_INF of PostgreSQL's rangetypes.h
        guard let flags = reader.number(UInt8.self), flags < 32 else { return nil }
        guard flags & 1 == 0 else {
            guard reader.isAtEnd else { return nil }
            self = .empty
            return
        }
        func bound(missing: UInt8) throws -> Bound?? {
            guard flags & missing == 0 else { return .some(nil) }
            guard let length = reader.number(Int32.self), let bytes = reader.take(count: Int(length)) else {
                return nil
            }
            return try Bound(PostgresCell(bytes: bytes, type: type.rawValue, format: .binary)).map { .some($0) }
        }
        guard let lower = try bound(missing: 8), let upper = try bound(missing: 16), reader.isAtEnd else { return nil }
        self.init(from: lower, includesLower: flags & 2 != 0, upTo: upper, includesUpper: flags & 4 != 0)
    }

    /// `empty`, or two bounds in brackets (counted in) or parentheses: `[1,5)`, `(,"2026-11-21 10:00:00"]`.
    private init?(text bytes: UnsafeRawBufferPointer, _ type: PostgresType) throws {
        var reader = ByteReader(bytes)
        guard !bytes.equals("empty") else {
            self = .empty
            return
        }
        func bound() throws -> Bound?? {
            guard let text = reader.takeRangeBound() else { return .some(nil) }
            return try text.withUnsafeBytes { try Bound(PostgresCell(bytes: $0, type: type.rawValue)) }.map {
                .some($0)
            }
        }
        let includesLower = reader.take("[")
        guard includesLower || reader.take("("), let lower = try bound(), reader.take(","), let upper = try bound()
        else {
            return nil
        }
        let includesUpper = reader.take("]")
        guard includesUpper || reader.take(")"), reader.isAtEnd else { return nil }
        self.init(from: lower, includesLower: includesLower, upTo: upper, includesUpper: includesUpper)
    }
}

extension ByteReader {
    /// Takes a bound up to the comma or bracket behind it, its quotes and backslashes resolved; `nil` where it is missing.
    fileprivate mutating func takeRangeBound() -> [UInt8]? {
        var text: [UInt8] = []
        var (isQuoted, isMissing) = (false, true)
        while !self.isAtEnd {
            switch self.next {
            case UInt8(ascii: ","), UInt8(ascii: ")"), UInt8(ascii: "]"):
                guard isQuoted else { return isMissing ? nil : text }
                text.append(self.next)
            case UInt8(ascii: "\""):
                // A doubled quote within quotes is one.
                let begins = !isQuoted && text.isEmpty && isMissing
                if !begins, !isQuoted { text.append(self.next) }
                isQuoted.toggle()
            case UInt8(ascii: "\\"):
                self.skip()
                text.append(self.next)
            default: text.append(self.next)
            }
            isMissing = false
            self.skip()
        }
        return isMissing ? nil : text
    }
}

extension PostgresType {
    /// `int4range`.
    public static var int4Range: Self { Self(rawValue: 3904) }
    /// `numrange`.
    public static var numericRange: Self { Self(rawValue: 3906) }
    /// `tsrange`.
    public static var timestampRange: Self { Self(rawValue: 3908) }
    /// `tstzrange`.
    public static var timestamptzRange: Self { Self(rawValue: 3910) }
    /// `daterange`.
    public static var dateRange: Self { Self(rawValue: 3912) }
    /// `int8range`.
    public static var int8Range: Self { Self(rawValue: 3926) }

    /// The type of the bounds of a built-in range, or `nil` where it is none.
    fileprivate var rangeBound: PostgresType? {
        switch self {
        case .int4Range: .int4
        case .numericRange: .numeric
        case .timestampRange: .timestamp
        case .timestamptzRange: .timestamptz
        case .dateRange: .date
        case .int8Range: .int8
        default: nil
        }
    }
}
