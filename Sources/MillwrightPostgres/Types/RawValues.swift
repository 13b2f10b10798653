// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

// Enums: `enum Mood: String, PostgresDecodable, PostgresEncodable { case happy, sad }` reads and binds an enum or a text.

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    /// The case with that raw value, or `nil` where there is none.
    public init?(_ cell: PostgresCell) throws {
        guard let rawValue = try RawValue(cell) else { return nil }
        self.init(rawValue: rawValue)
    }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    /// The raw value.
    public var bind: SQL.Bind { self.rawValue.bind }
}
