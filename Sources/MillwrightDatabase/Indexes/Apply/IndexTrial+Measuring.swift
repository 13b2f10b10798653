// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension IndexTrial {
    /// Runs the statements and watches the updates of some tables.
    func observe(_ tables: [Int], on connection: PostgresConnection) async throws -> Observation {
        var observation = Observation(measurements: [])
        for statement in self.statements {
            observation.measurements.append(try await self.measure(statement, on: connection))
        }
        guard self.window > .zero else { return observation }
        let start = try await Self.updates(of: tables, on: connection)
        try await Task.sleep(for: self.window)
        let end = try await Self.updates(of: tables, on: connection)
        observation.updates = max(0, end.all - start.all)
        observation.hotUpdates = max(0, end.hot - start.hot)
        return observation
    }

    /// Measures what seems to lose once more: a busy moment of the machine looks the same, so that the faster one counts.
    func confirm(
        _ after: inout Observation,
        against before: Observation,
        on connection: PostgresConnection
    ) async throws {
        for number in self.losers(before: before, after: after) {
            guard let again = try await self.measure(self.statements[number], on: connection),
                let first = after.measurements[number]
            else { continue }
            if again.shape != first.shape || again.seconds < first.seconds { after.measurements[number] = again }
        }
    }

    /// What a statement takes; `nil` where it cannot be run, or must not.
    ///
    /// The first run counts the pages and warms the cache. Counting costs time, and plans of many small steps more of it than others,
    /// so the time is the median of runs after it that count nothing.
    func measure(_ statement: String, on connection: PostgresConnection) async throws -> Measurement? {
        guard self.refused[statement] == nil,
            var measurement = try await self.run(statement, counting: "BUFFERS", on: connection)
        else { return nil }
        var times: [Double] = []
        while times.count < self.repetitions, !measurement.isCutOff, !measurement.isBroken {
            guard let run = try await self.run(statement, counting: "BUFFERS OFF", on: connection) else { return nil }
            times.append(run.seconds)
            if run.isCutOff || run.isBroken { return run }
        }
        if !times.isEmpty { measurement.seconds = times.sorted()[times.count / 2] }
        return measurement
    }

    /// How the server would run a statement now, without running it; `nil` where it does not take it.
    func plan(_ statement: String, on connection: PostgresConnection) async throws -> Measurement? {
        try await self.plan(statement, cutOffAfter: 0, on: connection)
    }

    private func run(
        _ statement: String,
        counting pages: String,
        on connection: PostgresConnection
    ) async throws -> Measurement? {
        let measured = "(ANALYZE, \(pages), TIMING OFF, SUMMARY ON, FORMAT JSON)"
        switch try await self.explain(measured, statement, on: connection) {
        case .success(let json): return Measurement(explanation: json)
        case .failure(let error) where error.sqlState == "57014":
            return try await self.plan(statement, cutOffAfter: self.statementTimeout.seconds, on: connection)
        case .failure(let error) where error.sqlState?.hasPrefix("22") ?? false:
            var broken = try await self.plan(statement, cutOffAfter: self.statementTimeout.seconds, on: connection)
            broken?.isBroken = true
            broken?.isCutOff = false
            return broken
        case .failure: return nil
        }
    }

    private func plan(
        _ statement: String,
        cutOffAfter seconds: Double,
        on connection: PostgresConnection
    ) async throws -> Measurement? {
        switch try await self.explain("(FORMAT JSON)", statement, on: connection) {
        case .success(let json): Measurement(explanation: json, cutOffAfter: seconds)
        case .failure: nil
        }
    }

    /// How often a statement is tried that waits for a lock, a second each time.
    private static let attempts = 3

    /// What EXPLAIN answers, or why the server does not take the statement.
    func explain(
        _ options: String,
        _ statement: String,
        on connection: PostgresConnection
    ) async throws -> Result<String, PostgresError> {
        for _ in 1..<Self.attempts {
            let answer = try await self.explainOnce(options, statement, on: connection)
            guard case .failure(let error) = answer, error.isLockTimeout else { return answer }
        }
        return try await self.explainOnce(options, statement, on: connection)
    }

    private func explainOnce(
        _ options: String,
        _ statement: String,
        on connection: PostgresConnection
    ) async throws -> Result<String, PostgresError> {
        let milliseconds = max(1, Int(self.statementTimeout.seconds * 1000))
        do {
            try await connection.run(
                script: "BEGIN READ ONLY; SET LOCAL statement_timeout = \(milliseconds); SET LOCAL lock_timeout = '1s'"
            )
            let rows = try await connection.query(
                SQL(unsafe: "EXPLAIN \(options) \(statement)"),
                timeout: self.statementTimeout + .seconds(5)
            )
            try await connection.run(script: "ROLLBACK")
            return .success(try rows[0].get(0, as: String.self))
        } catch let error as PostgresError where error.sqlState != nil && !error.isOutage {
            try await connection.run(script: "ROLLBACK")
            return .failure(error)
        }
    }

    private static func updates(of tables: [Int], on connection: PostgresConnection) async throws -> (
        all: Int, hot: Int
    ) {
        let rows = try await connection.query(
            """
            /* millwright:index-trial */
            SELECT coalesce(sum(pg_catalog.pg_stat_get_tuples_updated(t.oid::oid)), 0)::bigint,
                   coalesce(sum(pg_catalog.pg_stat_get_tuples_hot_updated(t.oid::oid)), 0)::bigint
            FROM pg_catalog.unnest(\(tables)::bigint[]) AS t (oid)
            """
        )
        return (try rows[0].get(0, as: Int.self), try rows[0].get(1, as: Int.self))
    }
}

extension IndexTrial.Measurement {
    /// Reads the answer of EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON), or the plan of a statement that was cut off.
    init?(explanation json: String, cutOffAfter limit: Double? = nil) {
        guard let top = ParseNode(json: json)?.elements.first, let plan = top["Plan"],
            let seconds = limit ?? top["Execution Time"]?.number.map({ $0 / 1000 })
        else { return nil }
        self.isCutOff = limit != nil
        self.seconds = seconds
        let blocks = ["Shared Hit Blocks", "Shared Read Blocks", "Temp Read Blocks"].map { plan[$0]?.number ?? 0 }
        self.blocks = Int(blocks.reduce(0, +))
        self.shape = Self.shape(of: plan)
        self.indexes = Self.indexes(in: plan)
    }

    private static func indexes(in node: ParseNode) -> Set<String> {
        let own = node["Index Name"]?.text.map { Set([$0]) } ?? []
        return (node["Plans"]?.elements ?? []).reduce(own) { $0.union(Self.indexes(in: $1)) }
    }

    private static func shape(of node: ParseNode) -> String {
        let own = ["Node Type", "Relation Name", "Index Name", "Join Type"].compactMap { node[$0]?.text }
        let below = (node["Plans"]?.elements ?? []).map(Self.shape)
        return own.joined(separator: " ") + (below.isEmpty ? "" : "(\(below.joined(separator: ", ")))")
    }
}
