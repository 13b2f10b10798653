// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A `numeric`, kept as its digits so that nothing is lost.
public struct PostgresNumeric: Sendable, Hashable, PostgresDecodable, PostgresEncodable, CustomStringConvertible {
    /// The digits as PostgreSQL writes them: `-12.50`, `NaN`, `Infinity`.
    public let description: String

    /// Creates a number from its digits, or `nil` where they are none.
    public init?(_ text: String) {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        let isNumber =
            !digits.isEmpty
            && digits.allSatisfy { (48...57).contains($0) || $0 == 46 || $0 | 32 == 101 || $0 == 45 || $0 == 43 }
        guard isNumber || ["NaN", "Infinity", "-Infinity"].contains(text) else { return nil }
        self.description = text
    }

    /// A `numeric`, or any other number's text.
    public init?(_ cell: PostgresCell) {
        guard let text = cell.text else { return nil }
        self.init(text)
    }

    /// Its digits.
    public var bind: SQL.Bind { SQL.Bind(self.description) }
    /// What a double keeps of it.
    public var double: Double { Double(self.description.lowercased()) ?? .nan }
}
