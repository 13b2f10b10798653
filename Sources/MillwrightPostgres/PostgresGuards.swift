// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Limits that the server itself keeps, for a session, a transaction or a part of either.
///
/// They hold even where the client is gone: a deadline of this driver cancels a statement, a guard ends what no client watches.
/// What is `nil` is left as it is.
///
/// ```swift
/// var configuration = PostgresConfiguration("postgres://app@/erp")
/// configuration.guards = PostgresGuards(lockTimeout: .milliseconds(500), idleInTransactionTimeout: .seconds(60))
/// let connection = try await PostgresConnection.connect(configuration)
/// try await connection.withGuards(PostgresGuards(statementTimeout: .seconds(600))) { connection in
///     _ = try await connection.execute("VACUUM erp_order", timeout: .seconds(600))
/// }
/// ```
public struct PostgresGuards: Sendable, Hashable {
    /// `statement_timeout`: how long the server lets a statement run.
    public var statementTimeout: Duration?
    /// `lock_timeout`: how long a statement may wait for a lock.
    public var lockTimeout: Duration?
    /// `idle_in_transaction_session_timeout`: how long a transaction may do nothing before its session is ended.
    public var idleInTransactionTimeout: Duration?
    /// `default_transaction_read_only`: whether every transaction from then on refuses to write.
    public var isReadOnly: Bool?
    /// `search_path`: the schemas in which names without one are looked up, in order; they are quoted.
    public var searchPath: [String]?

    /// Creates guards; a duration below a millisecond counts as one.
    public init(
        statementTimeout: Duration? = nil,
        lockTimeout: Duration? = nil,
        idleInTransactionTimeout: Duration? = nil,
        isReadOnly: Bool? = nil,
        searchPath: [String]? = nil
    ) {
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.isReadOnly = isReadOnly
        self.searchPath = searchPath
    }

    /// Whether nothing is asked for.
    public var isEmpty: Bool { self.settings.isEmpty }

    /// What to set, by PostgreSQL's names.
    var settings: [(name: String, value: String)] {
        [
            ("statement_timeout", self.statementTimeout?.settingText),
            ("lock_timeout", self.lockTimeout?.settingText),
            ("idle_in_transaction_session_timeout", self.idleInTransactionTimeout?.settingText),
            ("default_transaction_read_only", self.isReadOnly.map { $0 ? "on" : "off" }),
            ("search_path", self.searchPath.map { $0.map(Conninfo.quoted).joined(separator: ", ") }),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// The value of libpq's `options`, in which blanks and backslashes are escaped.
    var connectionOptions: String {
        self.settings.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
            return "-c \(name)=\(escaped)"
        }.joined(separator: " ")
    }

    /// Statements that set them until the transaction ends.
    var localStatements: String {
        self.settings.map { "; SET LOCAL \($0.name) = \($0.name == "search_path" ? $0.value : "'\($0.value)'")" }
            .joined()
    }

    /// These guards, and where they say nothing those of another.
    func filled(from other: PostgresGuards) -> PostgresGuards {
        PostgresGuards(
            statementTimeout: self.statementTimeout ?? other.statementTimeout,
            lockTimeout: self.lockTimeout ?? other.lockTimeout,
            idleInTransactionTimeout: self.idleInTransactionTimeout ?? other.idleInTransactionTimeout,
            isReadOnly: self.isReadOnly ?? other.isReadOnly,
            searchPath: self.searchPath ?? other.searchPath
        )
    }
}

extension Duration {
    /// Whole milliseconds, at least 1: PostgreSQL takes 0 for "no limit"; at most what its settings hold.
    fileprivate var settingText: String {
        let (seconds, attoseconds) = self.components
        guard seconds < 2_147_483 else { return "2147483647" }
        return "\(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))"
    }
}
