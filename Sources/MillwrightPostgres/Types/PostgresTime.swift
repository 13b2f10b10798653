// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A `time` of day without a time zone, to the microsecond.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let opening = try await connection.query("SELECT opens_at FROM erp_shop", as: PostgresTime.self)
/// let early = opening.filter { $0.hour < 8 }
/// let noon = PostgresTime(hour: 12)
/// ```
public struct PostgresTime: Sendable, Hashable, Comparable, PostgresDecodable, PostgresEncodable {
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Microseconds since midnight, 0…86,400,000,000: PostgreSQL knows 24:00:00.
    public let microseconds: Int64

    /// Creates a time of day, or `nil` where the day has no such moment.
    public init?(microseconds: Int64) {
        guard (0...Self.microsecondsPerDay).contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// Creates a time of day, or `nil` where the day has no such moment.
    public init?(hour: Int, minute: Int = 0, second: Int = 0, microsecond: Int = 0) {
        guard (0...24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second),
            (0..<1_000_000).contains(microsecond)
        else { return nil }
        self.init(microseconds: Int64(((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond))
    }

    /// The hour, 0…24.
    public var hour: Int { Int(self.microseconds / 3_600_000_000) }
    /// The minute, 0…59.
    public var minute: Int { Int(self.microseconds / 60_000_000 % 60) }
    /// The second, 0…59.
    public var second: Int { Int(self.microseconds / 1_000_000 % 60) }
    /// The microsecond within the second, 0…999,999.
    public var microsecond: Int { Int(self.microseconds % 1_000_000) }
    /// The time since midnight.
    public var duration: Duration { .microseconds(self.microseconds) }

    /// Orders by time.
    public static func < (one: Self, other: Self) -> Bool { one.microseconds < other.microseconds }

    /// A `time`, or its text.
    public init?(_ cell: PostgresCell) {
        if cell.format == .binary, cell.type == PostgresType.time.rawValue {
            guard let bytes = cell.bytes, bytes.count == 8 else { return nil }
            self.init(microseconds: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        } else {
            guard let text = cell.text(whereType: cell.type == PostgresType.time.rawValue) else { return nil }
            var reader = ByteReader(text)
            guard let microseconds = reader.clock(hours: 24), reader.isAtEnd else { return nil }
            self.init(microseconds: Int64(microseconds))
        }
    }

    /// The text form.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
}

extension PostgresTime: CustomStringConvertible {
    /// The text form as PostgreSQL writes it: `04:05:06.789`.
    public var description: String { Calendar.clock(microseconds: self.microseconds.magnitude) }
}
