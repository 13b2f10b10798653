// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// What a statement costs by a generic plan: the one that a prepared statement gets when it has run some times, made without
/// knowing its values.
struct GenericCost: Sendable, Hashable {
    var before: Double
    var after: Double
}

extension WhatIfSession {
    /// The lines of the generic plans of statements with placeholders, with the hypothetical indexes that stand; nothing for one
    /// that cannot be prepared.
    ///
    /// Each is prepared anew and forgotten at once: one that had seen a hypothetical index would fail after that is gone.
    func genericPlans(of statements: [(text: String, parameters: Int)]) async throws -> [[String]?] {
        _ = try await self.query("SET plan_cache_mode = force_generic_plan")
        var batch: [SQL] = []
        for (number, statement) in statements.enumerated() {
            let values = Array(repeating: "NULL", count: statement.parameters).joined(separator: ", ")
            batch.append(SQL(unsafe: "PREPARE millwright_\(number) AS \(statement.text)"))
            batch.append(SQL(unsafe: "EXPLAIN EXECUTE millwright_\(number) (\(values))"))
            batch.append(SQL(unsafe: "DEALLOCATE millwright_\(number)"))
        }
        let answers = try await self.query(each: batch)
        _ = try await self.query("RESET plan_cache_mode")
        return try statements.indices.map { number in
            switch answers[3 * number + 1] {
            case .success(let rows): try rows.map { try $0.get(0, as: String.self) }
            case .failure(let error) where error.code == .queryFailed: nil
            case .failure(let error): throw error
            }
        }
    }

    /// What statements with placeholders cost by generic plans, without and with some indexes.
    func genericCosts(
        of statements: [(text: String, parameters: Int)],
        with definitions: [String]
    ) async throws -> [GenericCost?] {
        guard !statements.isEmpty else { return [] }
        try await self.makeStand([])
        let before = try await self.genericPlans(of: statements)
        try await self.makeStand(definitions)
        let after = try await self.genericPlans(of: statements)
        return zip(before, after).map { before, after in
            guard let before = before?.first, let after = after?.first else { return nil }
            return GenericCost(before: PlannedCost.cost(of: before), after: PlannedCost.cost(of: after))
        }
    }
}
