// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One step of a schema's history: the SQL that makes it and the SQL that takes it back.
public struct Migration: Sendable, Hashable {
    /// The label of the app that it belongs to: `millwright`, or a host's.
    public let app: String
    /// Its place in the app's history, from 1 on without a gap.
    public let number: Int
    /// What it does, in snake_case: `create_schema`.
    public let name: String
    /// The SQL that makes the step.
    public let up: String
    /// The SQL that takes it back; `nil` where it cannot be taken back.
    public let down: String?

    /// Creates a migration.
    public init(app: String, number: Int, name: String, up: String, down: String?) {
        self.app = app
        self.number = number
        self.name = name
        self.up = up
        self.down = down
    }

    /// The name people type and read: `m0001_create_schema`.
    public var title: String { Self.title(self.number, self.name) }
}

extension Migration {
    /// The line that keeps a file out of a transaction, for statements such as `CREATE INDEX CONCURRENTLY`.
    public static let noTransactionMark = "-- millwright: no-transaction"

    static func title(_ number: Int, _ name: String) -> String {
        let digits = String(number)
        return "m\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)_\(name)"
    }

    /// Whether this SQL asks to be run without a transaction around it.
    static func isMarkedNoTransaction(_ sql: String) -> Bool {
        sql.split(separator: "\n").contains { line in
            line.split(whereSeparator: \.isWhitespace).joined(separator: " ") == Self.noTransactionMark
        }
    }
}
