// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// Finds the set of indexes that makes a workload cheapest within a budget, judged by the server's own planner.
///
/// Nothing is changed: statements are planned and not executed, and the indexes exist only in the planner's imagination, on
/// connections of their own (HypoPG). Without that extension the costs are Millwright's own estimate, and the advice says so.
public struct IndexAdvisor: Sendable {
    /// How far it is, told while it works.
    public struct Progress: Sendable, Hashable {
        /// What it does.
        public var step: String
        /// The share of the time that is gone.
        public var share: Double
        /// The share of the workload's cost that is left with the best set so far.
        public var costLeft: Double
    }

    let configuration: PostgresConfiguration
    let options: AdvisorOptions
    let progress: @Sendable (Progress) -> Void

    /// Creates an advisor for a database.
    public init(
        _ configuration: PostgresConfiguration,
        options: AdvisorOptions = AdvisorOptions(),
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.options = options
        self.progress = progress
    }

    /// Advises for the statements of an SQL text, weighted as its comments say.
    ///
    /// - Throws: ``PostgresError``; `CancellationError`.
    public func advise(sql: String, name: String = "workload") async throws -> IndexAdvice {
        try await self.advise(SQLScript(sql, name: name).statements)
    }

    /// Advises for several texts together, such as the files of a folder: SQL, or the log of a server.
    ///
    /// - Throws: ``PostgresError``; `CancellationError`.
    public func advise(scripts: [(name: String, sql: String)]) async throws -> IndexAdvice {
        try await self.advise(
            scripts.flatMap { file in
                ServerLog.records(in: file.sql).map { LogWorkload($0, name: file.name).statements }
                    ?? SQLScript(file.sql, name: file.name).statements
            }
        )
    }

    /// Keeps what pg_stat_statements has counted until now, so that advice can be asked for what ran since.
    ///
    /// - Returns: how many statements were kept.
    /// - Throws: ``ToolError`` where `millwright.samples` is not there or the statements cannot be read; `PostgresError`.
    public func keepStatistics() async throws -> Int {
        let statistics = try await self.statistics()
        if case .unknown(let reason, let cure) = statistics.obstacle?.verdict {
            throw ToolError(
                .unavailable,
                tried: "Read what pg_stat_statements has counted.",
                stopped: reason,
                next: cure ?? "Look at the server's log."
            )
        }
        return try await self.connected { try await StatementSnapshot.take(statistics, on: $0) }
    }

    /// Advises for the statements that pg_stat_statements counted in this database, weighted by the time they took.
    ///
    /// - Parameter since: how long ago the snapshot was taken from which on to count; all that was counted where `nil`. The
    ///   latest that is at least so old is taken, or else the oldest there is.
    /// - Throws: ``ToolError`` where there is no snapshot; ``PostgresError``; `CancellationError`.
    public func adviseFromStatistics(since: Duration? = nil) async throws -> IndexAdvice {
        var statistics = try await self.statistics()
        var snapshot: StatementSnapshot?
        if let since {
            let found = try await self.connected {
                try await StatementSnapshot.read(ofAge: since / .seconds(1), on: $0)
            }
            guard let found else { throw Self.noSnapshot }
            statistics = statistics.since(found)
            snapshot = found
        }
        if let obstacle = statistics.obstacle ?? (statistics.judged.isEmpty ? statistics.blindness : nil) {
            var advice = IndexAdvice()
            advice.obstacle = obstacle
            return advice
        }
        let judged = statistics.judged
        let examples = try await self.connected { try await StatementExamples.read(of: judged.map(\.id), on: $0) }
        let statements = judged.map { statement in
            WorkloadStatement(
                name: statement.id,
                text: statement.text,
                weight: .seconds(statement.totalSeconds),
                calls: Double(statement.calls),
                rowsPerCall: statement.calls > 0 ? Double(statement.rows) / Double(statement.calls) : nil,
                values: examples.values(of: statement),
                constantColumns: examples.constants[statement.id] ?? []
            )
        }
        var advice = try await self.advise(statements, windowSeconds: statistics.windowSeconds)
        advice.hiddenStatements = statistics.hidden
        advice.exemplified = statements.count { !$0.values.isEmpty }
        advice.snapshotAge = snapshot?.age
        return advice
    }

    private static let noSnapshot = ToolError(
        .unavailable,
        tried: "Looked for a snapshot of the statements' counters to count from.",
        stopped: "None has been taken of this database on this server.",
        next: "Take one with `manage index_advisor --snapshot`, from time to time; later ones can be counted from it."
    )

    /// As many statements as the view holds by default.
    private static let statementLimit = 5000

    private func statistics() async throws -> StatementStatistics {
        try await self.connected { connection in
            let inspection = try await Inspection(of: connection)
            try await inspection.begin()
            let statistics = try await StatementStatistics.read(from: inspection, limit: Self.statementLimit)
            await inspection.end()
            return statistics
        }
    }

    private func connected<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(self.configuration)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Advises for statements; `windowSeconds` is how long their time was counted.
    func advise(_ statements: [WorkloadStatement], windowSeconds: Double? = nil) async throws -> IndexAdvice {
        var session = AdvisorSession(self, statements: statements, windowSeconds: windowSeconds)
        return try await session.run()
    }
}
