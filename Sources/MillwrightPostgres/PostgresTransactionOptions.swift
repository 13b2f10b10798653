// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How a transaction runs: what it sees, whether it may write, and the guards that hold until it ends.
///
/// ```swift
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// let report = PostgresTransactionOptions(
///     isolation: .serializable,
///     isReadOnly: true,
///     isDeferrable: true,
///     guards: PostgresGuards(statementTimeout: .seconds(60))
/// )
/// let count = try await client.withTransaction(report) { connection in
///     try await connection.query("SELECT count(*) FROM erp_order", as: Int.self)[0]
/// }
/// ```
public struct PostgresTransactionOptions: Sendable, Hashable {
    /// What a transaction sees of others.
    public enum Isolation: String, Sendable, Hashable, CaseIterable {
        /// Each statement sees what was committed when it began.
        case readCommitted = "READ COMMITTED"
        /// All statements see what was committed when the first began; an update may fail with a retryable error.
        case repeatableRead = "REPEATABLE READ"
        /// As if transactions ran one after another; any may fail with a retryable error.
        case serializable = "SERIALIZABLE"
    }

    /// What it sees of others; the session's `default_transaction_isolation` where `nil`.
    public var isolation: Isolation?
    /// Whether the server refuses every write in it; the session's default where `nil`.
    public var isReadOnly: Bool?
    /// Whether a serializable read-only transaction waits for a moment from which on it cannot fail.
    public var isDeferrable: Bool
    /// What holds until it ends; `isReadOnly` of the guards is that of the transactions after it, so use the one above.
    public var guards: PostgresGuards

    /// Creates options.
    public init(
        isolation: Isolation? = nil,
        isReadOnly: Bool? = nil,
        isDeferrable: Bool = false,
        guards: PostgresGuards = PostgresGuards()
    ) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.isDeferrable = isDeferrable
        self.guards = guards
    }

    /// A transaction in which the server refuses every write.
    public static var readOnly: Self { Self(isReadOnly: true) }

    /// The statements that begin it, with the session's guards where a pooler has kept them from the session.
    func beginning(sessionGuards: PostgresGuards = PostgresGuards()) -> String {
        var guards = self.guards.filled(from: sessionGuards)
        let isReadOnly = self.isReadOnly ?? guards.isReadOnly
        guards.isReadOnly = nil
        let modes = [
            self.isolation.map { "ISOLATION LEVEL \($0.rawValue)" },
            isReadOnly.map { $0 ? "READ ONLY" : "READ WRITE" },
            self.isDeferrable ? "DEFERRABLE" : nil,
        ].compactMap { $0 }
        return "BEGIN" + (modes.isEmpty ? "" : " " + modes.joined(separator: ", ")) + guards.localStatements
    }
}
