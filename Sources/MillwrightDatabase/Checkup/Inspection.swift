// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// One look at one database: the connection that checks read from, and the facts they share.
///
/// Each check runs in a read-only transaction of its own with short timeouts, so it waits for nobody for long, holds nothing
/// back for long, and what one of them breaks the next does not notice.
public actor Inspection {
    /// How much a look may cost.
    public struct Limits: Sendable, Hashable {
        /// How long one statement may run.
        public var statementTimeout: Duration
        /// How long one statement may wait for a lock.
        public var lockTimeout: Duration

        /// Creates limits.
        public init(statementTimeout: Duration = .seconds(5), lockTimeout: Duration = .milliseconds(100)) {
            self.statementTimeout = statementTimeout
            self.lockTimeout = lockTimeout
        }
    }

    /// What is known of the server and of our role on it.
    public nonisolated let server: PostgresServer
    nonisolated let limits: Limits
    /// What other nodes of the cluster have counted.
    nonisolated let otherNodes: [NodeCounters]
    private let connection: PostgresConnection
    private var sharedCatalog: Catalog?
    private var sharedWindow: StatisticsWindow?
    private var sharedSurvey: VacuumSurvey?
    private var sharedStatements: StatementStatistics?

    /// Creates a look over a connection that nobody else uses meanwhile.
    public init(
        of connection: PostgresConnection,
        limits: Limits = Limits(),
        otherNodes: [NodeCounters] = []
    ) async throws {
        self.connection = connection
        self.limits = limits
        self.otherNodes = otherNodes
        self.server = try await connection.server()
    }

    /// Runs one statement of the current check.
    public func query(_ sql: SQL) async throws -> Rows {
        try await self.connection.query(sql)
    }

    /// Runs a statement that may fail without failing the check; the transaction goes on without it.
    func attempt<Value: Sendable>(_ body: (Inspection) async throws -> Value) async throws -> Result<Value, any Error> {
        try await self.connection.run(script: "SAVEPOINT millwright_attempt")
        do {
            let value = try await body(self)
            try await self.connection.run(script: "RELEASE SAVEPOINT millwright_attempt")
            return .success(value)
        } catch {
            let undo = "ROLLBACK TO SAVEPOINT millwright_attempt; RELEASE SAVEPOINT millwright_attempt"
            try await self.connection.run(script: undo)
            return .failure(error)
        }
    }

    /// Runs a script in the current transaction: settings, and statements that take no values.
    func run(script: String) async throws {
        try await self.connection.run(script: script)
    }

    /// The catalog facts of user tables and indexes, read once.
    func catalog() async throws -> Catalog {
        if let known = self.sharedCatalog { return known }
        let read = try await Catalog.read(from: self)
        self.sharedCatalog = read
        return read
    }

    /// Since when the server's counters count, read once.
    func window() async throws -> StatisticsWindow {
        if let known = self.sharedWindow { return known }
        let rows = try await self.query(StatisticsWindow.sql(version: self.server.versionNumber))
        let read = try rows.values(as: StatisticsWindow.self)[0]
        self.sharedWindow = read
        return read
    }

    /// The tables as the autovacuum launcher sees them, read once.
    func vacuumSurvey() async throws -> VacuumSurvey {
        if let known = self.sharedSurvey { return known }
        let read = try await VacuumSurvey.take(from: self)
        self.sharedSurvey = read
        return read
    }

    /// The statements that pg_stat_statements knows, read once.
    func statements() async throws -> StatementStatistics {
        if let known = self.sharedStatements { return known }
        let read = try await StatementStatistics.read(from: self)
        self.sharedStatements = read
        return read
    }

    // The search path is pinned so that names and deparsed expressions are always qualified the same way. Parallel workers
    // and compiled plans are left to the application.
    func begin() async throws {
        try await self.connection.run(
            script: """
                BEGIN READ ONLY;
                SET LOCAL statement_timeout = \(self.limits.statementTimeout.milliseconds);
                SET LOCAL lock_timeout = \(self.limits.lockTimeout.milliseconds);
                SET LOCAL idle_in_transaction_session_timeout = '60s';
                SET LOCAL search_path = pg_catalog;
                SET LOCAL work_mem = '32MB';
                SET LOCAL jit = off;
                SET LOCAL max_parallel_workers_per_gather = 0;
                """
        )
    }

    /// Ends the transaction of a check; a connection that cannot even do that is left for the next statement to notice.
    func end() async {
        try? await self.connection.run(script: "ROLLBACK")
    }

    /// Gives back the locks that the statements so far have taken, and goes on in a new transaction.
    func renew() async throws {
        await self.end()
        try await self.begin()
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    fileprivate var milliseconds: Int { max(1, Int(self.seconds * 1000)) }
}
