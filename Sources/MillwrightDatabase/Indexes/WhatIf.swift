// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// Asks the planner what a statement would cost with an index that does not exist, by HypoPG.
///
/// The statement is prepared and planned with a generic plan and NULL arguments; nothing of it is executed. Hypothetical indexes
/// outlive a rollback, and plans that saw one outlive the index, so both are thrown away each time.
struct WhatIf {
    /// What the planner says of one statement.
    struct Plan: Sendable, Hashable {
        var cost: Double
        /// The tables that it reads from end to end.
        var scanned: Set<String>
    }

    /// What came of a question.
    enum Answer: Sendable, Hashable {
        case plan(Plan)
        /// This role may not plan it: EXPLAIN needs the rights of the statement.
        case denied
        /// It cannot be planned without its values: the type of a parameter is open, a table is gone.
        case unplannable

        var plan: Plan? { if case .plan(let plan) = self { plan } else { nil } }
    }

    /// The schema that HypoPG's functions are in.
    var schema: String
    var inspection: Inspection

    /// HypoPG of this database, if it is there for this role.
    init?(in inspection: Inspection) async throws {
        let rows = try await inspection.query(HypoPG.schemaQuery)
        guard let schema = try rows.first?.get(0, as: String.self) else { return nil }
        self.schema = schema
        self.inspection = inspection
    }

    /// Plans a statement, with a hypothetical index where `definition` gives one.
    func ask(_ statement: String, with definition: String? = nil) async throws -> Answer {
        let result = try await self.inspection.attempt { inspection -> Plan? in
            if let definition {
                _ = try await inspection.query(
                    "/* millwright:missing-indexes */ SELECT h.indexrelid FROM \(identifier: self.schema).hypopg_create_index(\(definition)) AS h"
                )
            }
            _ = try await inspection.query(SQL(unsafe: "PREPARE millwright_what_if AS \(statement)"))
            let count = try await inspection.query(
                """
                /* millwright:missing-indexes */
                SELECT pg_catalog.cardinality(p.parameter_types) FROM pg_catalog.pg_prepared_statements AS p
                WHERE p.name = 'millwright_what_if' ORDER BY p.name
                """
            )
            let arguments = Array(repeating: "NULL", count: try count[0].get(0, as: Int.self)).joined(separator: ", ")
            let explain =
                "/* millwright:missing-indexes */ EXPLAIN (FORMAT JSON) EXECUTE millwright_what_if"
                + (arguments.isEmpty ? "" : "(\(arguments))")
            let rows = try await inspection.query(SQL(unsafe: explain))
            return Plan(json: try rows[0].get(0, as: String.self))
        }
        await self.forget(isIndexed: definition != nil)
        switch result {
        case .success(let plan): return plan.map(Answer.plan) ?? .unplannable
        case .failure(let error as PostgresError) where error.sqlState == "42501": return .denied
        case .failure: return .unplannable
        }
    }

    // What is not there is no error worth knowing of.
    private func forget(isIndexed: Bool) async {
        _ = try? await self.inspection.attempt { try await $0.query("DEALLOCATE millwright_what_if") }
        guard isIndexed else { return }
        _ = try? await self.inspection.attempt { inspection in
            try await inspection.query(
                "/* millwright:missing-indexes */ SELECT \(identifier: self.schema).hypopg_reset()"
            )
        }
    }
}

extension WhatIf.Plan {
    /// Reads the answer of EXPLAIN (FORMAT JSON).
    init?(json: String) {
        guard let plan = ParseNode(json: json)?.elements.first?["Plan"], let cost = plan["Total Cost"]?.number else {
            return nil
        }
        self.init(cost: cost, scanned: Self.scans(in: plan))
    }

    private static func scans(in node: ParseNode) -> Set<String> {
        let isScan = node["Node Type"]?.text == "Seq Scan"
        let own = isScan ? Set([node["Relation Name"]?.text].compactMap { $0 }) : []
        return (node["Plans"]?.elements ?? []).reduce(own) { $0.union(Self.scans(in: $1)) }
    }
}
