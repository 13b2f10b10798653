// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A `pg_lsn`: a place in the write-ahead log.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// let places = try await connection.query(
///     "SELECT sent_lsn, replay_lsn FROM pg_stat_replication",
///     as: (PostgresLSN, PostgresLSN).self
/// )
/// let lagInBytes = places.map { sent, replayed in replayed.distance(to: sent) }
/// ```
public struct PostgresLSN: RawRepresentable, Sendable, Hashable, Comparable, PostgresDecodable, PostgresEncodable {
    /// The place in bytes.
    public let rawValue: UInt64

    /// Names a place by its bytes.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A `pg_lsn`, or its text.
    public init?(_ cell: PostgresCell) {
        if cell.format == .binary, cell.type == PostgresType.lsn.rawValue {
            guard let bytes = cell.bytes, bytes.count == 8 else { return nil }
            self.init(rawValue: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        } else {
            guard let text = cell.text(whereType: cell.type == PostgresType.lsn.rawValue) else { return nil }
            self.init(text: text)
        }
    }

    /// `16/B374D848`.
    private init?(text bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let high = reader.hexDigits(), reader.take("/"), let low = reader.hexDigits(), reader.isAtEnd else {
            return nil
        }
        self.init(rawValue: UInt64(high) << 32 | UInt64(low))
    }

    /// Orders by place.
    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// Returns how many bytes of log lie between, negative where the other place comes first; the extremes where that is more
    /// than fits.
    public func distance(to other: Self) -> Int64 {
        other >= self
            ? Int64(clamping: other.rawValue - self.rawValue) : -Int64(clamping: self.rawValue - other.rawValue)
    }

    /// The text form.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
}

extension PostgresLSN: CustomStringConvertible {
    /// The text as PostgreSQL writes it: `16/B374D848`.
    public var description: String {
        String(self.rawValue >> 32, radix: 16, uppercase: true) + "/"
            + String(self.rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }
}

extension ByteReader {
    /// Takes one to eight hexadecimal digits.
    fileprivate mutating func hexDigits() -> UInt32? {
        var (value, count): (UInt32, Int) = (0, 0)
        while count < 8, let digit = UInt8(hexDigit: self.next) {
            value = value << 4 | UInt32(digit)
            count += 1
            self.skip()
        }
        return count > 0 ? value : nil
    }
}
