// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What an index that cannot be simulated takes and saves, seen by building it in a transaction that is rolled back.
struct RehearsedIndex: Sendable, Hashable {
    /// Its size.
    var bytes: Double
    /// What each statement costs with it, in their order.
    var costs: [Double]

    private static let name = "millwright_rehearsed"
    /// How long the build waits for its lock in milliseconds: writers wait behind it as long as it does.
    private static let lockTimeout = 200
    /// For how many milliseconds this process may be held up before the server ends the transaction.
    private static let pause = 2000

    /// Builds an index on a connection of its own, has statements planned with it, and rolls all of that back.
    ///
    /// Those who write to its table wait meanwhile, readers do not.
    ///
    /// - Parameter limit: how long the lock on the table may be held at most: for the build and for the plans.
    /// - Throws: ``PostgresError``, a failed query where the server refuses it or the limit is reached; `CancellationError`.
    ///   Nothing is left of it then, either.
    static func rehearse(
        _ definition: IndexDefinition,
        for statements: [String],
        within limit: Duration,
        on configuration: PostgresConfiguration
    ) async throws -> RehearsedIndex {
        let connection = try await PostgresConnection.connect(configuration)
        do {
            await connection.leaveStatisticsAlone()
            let index = try await Self.build(definition, for: statements, within: limit, on: connection)
            await connection.close()
            return index
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func build(
        _ definition: IndexDefinition,
        for statements: [String],
        within limit: Duration,
        on connection: PostgresConnection
    ) async throws -> RehearsedIndex {
        let end = ContinuousClock.now + limit
        let milliseconds = max(1, Int(limit.seconds * 1000))
        try await connection.run(
            script: """
                BEGIN;
                SET LOCAL lock_timeout = \(min(Self.lockTimeout, milliseconds));
                SET LOCAL statement_timeout = \(milliseconds);
                SET LOCAL idle_in_transaction_session_timeout = \(milliseconds + Self.pause)
                """
        )
        // the client's deadline only stands behind the server's
        let patience = limit + .milliseconds(Self.pause)
        try await connection.run(script: definition.sql(name: Self.name, concurrently: false), timeout: patience)
        let sizes = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT (pg_catalog.pg_relation_size(i.oid) + coalesce(
                       (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(m.relid))
                        FROM pg_catalog.pg_partition_tree(i.oid) AS m WHERE m.relid <> i.oid), 0))::float8
            FROM (SELECT \("\(quoted(definition.schema)).\(Self.name)")::regclass AS oid) AS i
            """,
            timeout: max(.milliseconds(1), end - ContinuousClock.now),
            as: Double.self
        )
        let plans = try await connection.query(
            batch: statements.map { SQL(unsafe: "EXPLAIN \($0)") },
            timeout: max(.milliseconds(1), end - ContinuousClock.now)
        )
        let costs = try plans.map { PlannedCost.cost(of: try $0.get()[0].get(0, as: String.self)) }
        try await connection.run(script: "ROLLBACK")
        return RehearsedIndex(bytes: sizes.first ?? 0, costs: costs)
    }
}
