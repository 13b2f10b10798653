// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Something that answers statements: a connection, a client with its pool, or a scripted one in a test.
///
/// ```swift
/// func productCount(_ database: some Querying) async throws -> Int {
///     try await database.query("SELECT count(*) FROM erp_product", as: Int.self).first ?? 0
/// }
/// let client = PostgresClient(PostgresConfiguration("postgres://app@/erp"))
/// print(try await productCount(client))
/// await client.close()
/// ```
public protocol Querying: Sendable {
    /// Runs one statement and returns its rows.
    ///
    /// - Parameter timeout: how long it may take; the configuration's `statementTimeout` where `nil`.
    /// - Throws: ``PostgresError``; `CancellationError` where the task is cancelled, after the server was told.
    nonisolated(nonsending) func query(_ sql: SQL, timeout: Duration?) async throws -> Rows
}

extension Querying {
    /// Runs one statement within the default time.
    public nonisolated(nonsending) func query(_ sql: SQL) async throws -> Rows {
        try await self.query(sql, timeout: nil)
    }

    /// Runs one statement and returns its rows, their values written as `results` says.
    ///
    /// Binary values are smaller and cheaper to decode; only types whose ``PostgresDecodable`` reads them can be taken.
    public nonisolated(nonsending) func query(
        _ sql: SQL,
        results: PostgresFormat,
        timeout: Duration? = nil
    ) async throws -> Rows {
        var sql = sql
        sql.results = results
        return try await self.query(sql, timeout: timeout)
    }

    /// Runs one statement and decodes each row, its columns left to right.
    public nonisolated(nonsending) func query<each Value: PostgresDecodable>(
        _ sql: SQL,
        timeout: Duration? = nil,
        as types: (repeat each Value).Type
    ) async throws -> [(repeat each Value)] {
        try await self.query(sql, timeout: timeout).decode(as: types)
    }

    /// Runs one statement and returns how many rows it touched.
    @discardableResult
    public nonisolated(nonsending) func execute(_ sql: SQL, timeout: Duration? = nil) async throws -> Int {
        try await self.query(sql, timeout: timeout).affectedRows
    }
}
