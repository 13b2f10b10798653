// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// One run of the advisor.
struct AdvisorSession {
    let advisor: IndexAdvisor
    let start = ContinuousClock.now
    var preparation: WorkloadPreparation
    var existing = ExistingIndexes()
    var databaseBytes = 0.0
    var pageCosts = SummaryRanges.PageCosts()
    /// Whether an update that changes nothing but a BRIN's columns stays HOT: from PostgreSQL 16 on.
    var isSummaryHOT = false
    /// Whether the extension pg_trgm is there.
    var hasTrigrams = false
    var advice = IndexAdvice()
    /// Inverted indexes that were built in a transaction to be weighed, with the server's words where it refused.
    var rehearsed: [IndexDefinition: String?] = [:]
    /// What samples told of expressions; nothing for one that could not be read.
    var sampled: [SampledExpression: AdvisedTable.Column?] = [:]
    /// Candidates that HypoPG does not take, by their numbers.
    var refused: Set<Int> = []

    /// How long the statements' time was counted, where they are weighted by it.
    let windowSeconds: Double?

    init(_ advisor: IndexAdvisor, statements: [WorkloadStatement], windowSeconds: Double? = nil) {
        self.advisor = advisor
        self.windowSeconds = windowSeconds
        self.preparation = WorkloadPreparation(statements)
    }

    /// The share of the time that having the statements planned as things are may take.
    private static let preparingShare = 0.2

    var options: AdvisorOptions { self.advisor.options }
    var deadline: ContinuousClock.Instant { self.start + self.options.timeout }
    var elapsedShare: Double { min(1, (ContinuousClock.now - self.start) / self.options.timeout) }

    func tell(_ step: String, costLeft: Double = 1) {
        self.advisor.progress(.init(step: step, share: self.elapsedShare, costLeft: costLeft))
    }

    mutating func run() async throws -> IndexAdvice {
        self.tell("reading the workload")
        var configuration = self.advisor.configuration
        configuration.guards.isReadOnly = true
        configuration.guards.lockTimeout = .milliseconds(200)
        let connection = try await PostgresConnection.connect(configuration)
        await connection.leaveStatisticsAlone()
        let schema: String?
        do {
            schema = try await self.look(on: connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
        self.advice.unusable = self.preparation.unusable
        self.advice.queries = self.preparation.queries.count
        self.advice.tables = self.preparation.tables.list.count
        self.advice.budgetBytes = self.budget.bytes
        self.advice.replaces = self.options.replaces
        guard !self.preparation.queries.isEmpty else { return self.finished() }
        if let schema {
            try await self.searchWithPlanner(schema)
        } else {
            try await self.searchWithEstimate()
        }
        return self.finished()
    }

    /// Hypothetical indexes belong to a session, and a pooler changes sessions between statements.
    private static let poolerError = ToolError(
        .unavailable,
        tried: "Tried to ask the planner about hypothetical indexes.",
        stopped: "A pooler stands between, which may hand each statement to another session.",
        next: "Name the server itself in the settings, as in `--set databases.default.url=postgres://app@db:5432/erp`."
    )

    private mutating func look(on connection: PostgresConnection) async throws -> String? {
        guard try await !connection.server().isBehindPooler else { throw Self.poolerError }
        let end = self.start + self.options.timeout * Self.preparingShare
        try await self.preparation.complete(on: connection, until: end)
        self.existing = try await ExistingIndexes.read(of: self.preparation.tables.list, on: connection)
        self.isSummaryHOT = try await connection.server().versionNumber >= 160_000
        self.advice.role = try await connection.server().user
        self.hasTrigrams = try await connection.server().extensions["pg_trgm"] != nil
        let size = try await connection.query(
            "/* millwright:index-advisor */ SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::float8",
            as: Double.self
        )
        self.databaseBytes = size.first ?? 0
        let costs = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT pg_catalog.current_setting('random_page_cost')::float8,
                   pg_catalog.current_setting('seq_page_cost')::float8
            """,
            as: (Double, Double).self
        )
        if let (random, sequential) = costs.first {
            self.pageCosts = SummaryRanges.PageCosts(random: random, sequential: sequential)
        }
        return try await HypoPG.schema(on: connection)
    }

    private func finished() -> IndexAdvice {
        var advice = self.advice
        advice.untested = self.untested
        advice.elapsed = ContinuousClock.now - self.start
        return advice
    }

    var budget: SearchProblem.Budget {
        let bytes =
            switch self.options.storage {
            case .bytes(let bytes): bytes
            case .share(let share): share * self.databaseBytes
            }
        return SearchProblem.Budget(
            bytes: bytes,
            indexes: self.options.maximumIndexes,
            bytesWritten: self.options.bytesWrittenPerSecond ?? .infinity,
            buildSeconds: self.options.buildTime.map { $0 / .seconds(1) } ?? .infinity
        )
    }

    /// By what each query's cost is multiplied: how often it runs, or the seconds it took by what it costs.
    var weights: [Double] {
        self.preparation.queries.map { query in
            switch query.statement.weight {
            case .calls(let calls): calls
            case .seconds(let seconds): seconds / max(query.cost, 1e-6)
            }
        }
    }
}
