// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One connection on which the planner is asked what statements would cost with indexes that do not exist, by HypoPG.
///
/// Hypothetical indexes belong to the connection and outlive a rollback, and statements kept parsed would remember them: the
/// connection is used for nothing else, keeps nothing parsed, and is closed afterwards. It is read-only, and statements are
/// planned, never executed.
actor WhatIfSession {
    /// Queries to plan with the same hypothetical indexes.
    struct Group: Sendable {
        var indexes: [Int]
        var queries: [Int]
    }

    /// How long one batch may take.
    private static let timeout = Duration.seconds(60)

    private let connection: PostgresConnection
    private let schema: String
    /// The hypothetical indexes that stand, by candidate, with their ids.
    private var standing: [Int: [String]] = [:]

    private init(_ connection: PostgresConnection, schema: String) {
        self.connection = connection
        self.schema = schema
    }

    /// Opens a connection.
    static func open(_ configuration: PostgresConfiguration, schema: String) async throws -> WhatIfSession {
        var configuration = configuration
        configuration.preparedStatements = 0
        configuration.guards.isReadOnly = true
        configuration.guards.lockTimeout = .milliseconds(200)
        configuration.guards.statementTimeout = .seconds(10)
        let connection = try await PostgresConnection.connect(configuration)
        await connection.leaveStatisticsAlone()
        return WhatIfSession(connection, schema: schema)
    }

    func close() async {
        _ = try? await self.connection.query(
            "/* millwright:index-advisor */ SELECT \(identifier: self.schema).hypopg_reset()",
            timeout: .seconds(2)
        )
        await self.connection.close()
    }

    /// Which definitions HypoPG refuses, with the server's words.
    func refusals(of definitions: [String]) async throws -> [Int: String] {
        try await self.reset()
        var refused: [Int: String] = [:]
        for start in stride(from: 0, to: definitions.count, by: 500) {
            let part = definitions[start..<min(start + 500, definitions.count)]
            let answers = try await self.connection.query(
                batch: part.map {
                    "/* millwright:index-advisor */ SELECT h.indexrelid FROM \(identifier: self.schema).hypopg_create_index(\($0)) AS h"
                },
                independently: true,
                timeout: Self.timeout
            )
            for (position, answer) in zip(part.indices, answers) {
                if case .failure(let error) = answer { refused[position] = error.serverMessage ?? "\(error)" }
            }
            try await self.reset()
        }
        return refused
    }

    /// The plans of each group's queries; nothing for one that could not be planned.
    ///
    /// What all groups have in common stands for the whole batch; the rest comes and goes with its group.
    ///
    /// - Parameters:
    ///   - definitions: the statements that simulate each candidate: one, or one for each partition.
    ///   - ranges: those of BRINs that are shorter than the planner believes, by candidate.
    func plans(
        _ groups: [Group],
        definitions: [[String]],
        statements: [String],
        ranges: [Int: SummaryRanges] = [:]
    ) async throws -> [[PlannedCost?]] {
        guard let first = groups.first else { return [] }
        let common = groups.dropFirst().reduce(into: Set(first.indexes)) { $0.formIntersection($1.indexes) }
        try await self.stand(common, definitions)
        var batch: [SQL] = []
        let kept = self.standing.values.joined().sorted().joined(separator: ",")
        for group in groups {
            let extra = group.indexes.filter { !common.contains($0) }
            if !extra.isEmpty { batch.append(self.creation(extra, definitions)) }
            batch += group.queries.map { SQL(unsafe: "EXPLAIN \(statements[$0])") }
            if !extra.isEmpty { batch.append(self.removal(except: kept)) }
        }
        let answers = try await self.connection.query(batch: batch, independently: true, timeout: Self.timeout)
        return try self.read(answers, of: groups, common: common, definitions, ranges)
    }

    private func read(
        _ answers: [Result<Rows, PostgresError>],
        of groups: [Group],
        common: Set<Int>,
        _ definitions: [[String]],
        _ ranges: [Int: SummaryRanges]
    ) throws -> [[PlannedCost?]] {
        var position = 0
        let byID = Dictionary(self.standing.flatMap { index, ids in ids.map { ($0, index) } }) { first, _ in first }
        return try groups.map { group in
            let extra = group.indexes.filter { !common.contains($0) }
            var names = byID
            if !extra.isEmpty {
                let owners = extra.flatMap { Array(repeating: $0, count: definitions[$0].count) }
                for (row, index) in zip(try answers[position].get(), owners) {
                    names[try row.get(0, as: String.self)] = index
                }
                position += 1
            }
            let plans = try group.queries.map { _ -> PlannedCost? in
                defer { position += 1 }
                switch answers[position] {
                case .success(let rows): return try PlannedCost(explained: rows, names: names, ranges: ranges)
                case .failure(let error) where error.code == .queryFailed: return nil
                case .failure(let error): throw error
                }
            }
            if !extra.isEmpty { position += 1 }
            return plans
        }
    }

    /// Makes exactly these stand.
    private func stand(_ wanted: Set<Int>, _ definitions: [[String]]) async throws {
        let gone = self.standing.keys.filter { !wanted.contains($0) }
        if !gone.isEmpty, gone.count == self.standing.count {
            try await self.reset()
        } else if !gone.isEmpty {
            let ids = gone.flatMap { self.standing[$0] ?? [] }.joined(separator: ",")
            _ = try await self.connection.query(
                """
                /* millwright:index-advisor */
                SELECT \(identifier: self.schema).hypopg_drop_index(i.id)
                FROM pg_catalog.unnest(\("{\(ids)}")::oid[]) AS i (id)
                """
            )
            for index in gone { self.standing[index] = nil }
        }
        let missing = wanted.filter { self.standing[$0] == nil }.sorted()
        guard !missing.isEmpty else { return }
        let rows = try await self.connection.query(self.creation(missing, definitions))
        let owners = missing.flatMap { Array(repeating: $0, count: definitions[$0].count) }
        for (row, index) in zip(rows, owners) {
            self.standing[index, default: []].append(try row.get(0, as: String.self))
        }
    }

    private func creation(_ indexes: [Int], _ definitions: [[String]]) -> SQL {
        """
        /* millwright:index-advisor */
        SELECT h.indexrelid::text
        FROM pg_catalog.unnest(\(indexes.flatMap { definitions[$0] })::text[]) WITH ORDINALITY AS d (definition, position),
             LATERAL \(identifier: self.schema).hypopg_create_index(d.definition) AS h
        ORDER BY d.position
        """
    }

    private func removal(except kept: String) -> SQL {
        """
        /* millwright:index-advisor */
        SELECT \(identifier: self.schema).hypopg_drop_index(h.indexrelid)
        FROM \(identifier: self.schema).hypopg() AS h
        WHERE h.indexrelid <> ALL (\("{\(kept)}")::oid[])
        """
    }

    private func reset() async throws {
        _ = try await self.connection.query(
            "/* millwright:index-advisor */ SELECT \(identifier: self.schema).hypopg_reset()"
        )
        self.standing = [:]
    }

    /// Makes indexes stand that are asked about by nothing but their definitions.
    func makeStand(_ definitions: [String]) async throws {
        try await self.reset()
        try await self.stand(Set(definitions.indices), definitions.map { [$0] })
    }

    /// Runs a statement that is no question about hypothetical indexes.
    func query(_ sql: SQL) async throws -> Rows { try await self.connection.query(sql) }

    /// How long one sample may take.
    private static let sampleTimeout = Duration.seconds(2)

    /// Reads a sample; nothing where the server refuses it, or takes too long.
    func sample(_ question: SQL) async throws -> ExpressionSample? {
        do {
            return try await self.connection.query(question, timeout: Self.sampleTimeout)
                .values(as: ExpressionSample.self).first
        } catch let error as PostgresError {
            guard await self.connection.isUsable else { throw error }
            return nil
        }
    }

    /// Runs statements of which each may fail by itself.
    func query(each batch: [SQL]) async throws -> [Result<Rows, PostgresError>] {
        try await self.connection.query(batch: batch, independently: true, timeout: Self.timeout)
    }
}

extension PlannedCost {
    /// Reads the lines of EXPLAIN: the cost of the first, and the hypothetical indexes named anywhere, `<13556>btree_orders`.
    ///
    /// - Parameter ranges: those of BRINs that are shorter than the planner believes, by index.
    init(explained rows: Rows, names: [String: Int], ranges: [Int: SummaryRanges] = [:]) throws {
        var used: Set<Int> = []
        var short: [(id: String, ranges: SummaryRanges)] = []
        var cost = 0.0
        for (number, row) in rows.enumerated() {
            let line = try row.get(0, as: String.self)
            if number == 0 { cost = Self.cost(of: line) }
            if !names.isEmpty, let id = Self.hypotheticalID(in: line), let index = names[id] {
                used.insert(index)
                if let ranges = ranges[index] { short.append(("<\(id)>", ranges)) }
            }
        }
        if !short.isEmpty {
            let lines = try rows.map { try $0.get(0, as: String.self) }
            for (id, ranges) in short { cost -= ranges.saved(in: lines, by: id) }
        }
        self.init(cost: cost, used: used.sorted())
    }

    /// `Sort  (cost=12.34..56.78 rows=9 width=4)` gives 56.78.
    static func cost(of line: String) -> Double {
        let bytes = Array(line.utf8)
        var position = 0
        let mark = Array("(cost=".utf8)
        while position + mark.count < bytes.count, !bytes[position...].starts(with: mark) { position += 1 }
        let figures = bytes[min(position + mark.count, bytes.count)...].prefix { $0 != UInt8(ascii: " ") }
        let text = String(decoding: figures, as: UTF8.self)
        return text.split(separator: ".", omittingEmptySubsequences: false).count >= 4
            ? Double(text.split(separator: ".").suffix(2).joined(separator: ".")) ?? 0 : 0
    }

    private static func hypotheticalID(in line: String) -> String? {
        guard let open = line.utf8.firstIndex(of: UInt8(ascii: "<")) else { return nil }
        let digits = line.utf8[line.utf8.index(after: open)...].prefix { (48...57).contains($0) }
        return digits.isEmpty ? nil : String(digits)
    }
}
