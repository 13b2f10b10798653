// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import Foundation
import MillwrightDatabase
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// The advisor's set for the ERP fixture beside one made by hand, and beside an index on each single column that helps.
enum AdvisorOnERP: Benchmark {
    static let name = "index-advisor-erp"
    static let about = "cost left of the ERP's statements in % and size of the set, beside a set made by hand (other)"

    /// What an experienced person would make for these statements; all of it can be simulated.
    private static let expert = [
        "CREATE INDEX ON erp_product (category_id, created) WHERE active",
        "CREATE INDEX ON erp_salesorder (customer_id, date)",
        "CREATE INDEX ON erp_orderitem (order_id)",
        "CREATE INDEX ON erp_orderitem (product_id) INCLUDE (quantity)",
        "CREATE INDEX ON erp_stocktransaction (product_id, created)",
        "CREATE INDEX ON erp_product (stock) WHERE active AND stock <= reorder_level",
        "CREATE INDEX ON erp_salesorder (date, status) INCLUDE (total)",
        "CREATE INDEX ON erp_salesorder (tenant_id, created) WHERE status IN ('new', 'paid')",
        "CREATE INDEX ON erp_stocktransaction (warehouse_id, created) INCLUDE (kind, quantity)",
        "CREATE INDEX ON erp_stocktransaction (created)",
        "CREATE INDEX ON erp_product (supplier_id, sku)",
        "CREATE INDEX ON tasks (project_id, priority, due) WHERE state IN ('open', 'in_progress', 'blocked')",
        "CREATE INDEX ON tasks (assignee_id, due) WHERE completed IS NULL",
        "CREATE INDEX ON tasks (due) WHERE completed IS NULL",
        "CREATE INDEX ON tasks (updated)",
        "CREATE INDEX ON activities (workspace_id, created)",
        "CREATE INDEX ON activities (user_id, created)",
        "CREATE INDEX ON activities ((details ->> 'source'))",
        "CREATE INDEX ON erp_customer (lower(email))",
    ]

    /// What advice of single columns only would come to.
    private static let singles = [
        "CREATE INDEX ON erp_product (category_id)", "CREATE INDEX ON erp_product (created)",
        "CREATE INDEX ON erp_product (supplier_id)", "CREATE INDEX ON erp_product (stock)",
        "CREATE INDEX ON erp_salesorder (customer_id)", "CREATE INDEX ON erp_salesorder (date)",
        "CREATE INDEX ON erp_salesorder (tenant_id)", "CREATE INDEX ON erp_salesorder (created)",
        "CREATE INDEX ON erp_orderitem (order_id)", "CREATE INDEX ON erp_orderitem (product_id)",
        "CREATE INDEX ON erp_stocktransaction (product_id)", "CREATE INDEX ON erp_stocktransaction (created)",
        "CREATE INDEX ON erp_stocktransaction (warehouse_id)", "CREATE INDEX ON tasks (project_id)",
        "CREATE INDEX ON tasks (assignee_id)", "CREATE INDEX ON tasks (due)", "CREATE INDEX ON tasks (updated)",
        "CREATE INDEX ON activities (workspace_id)", "CREATE INDEX ON activities (user_id)",
        "CREATE INDEX ON activities (created)",
    ]

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let url = servers.superuserURL
        try await ERP.load(ERP.LoadOptions(scale: 0.2), into: PostgresConfiguration(url))
        try await Self.dropIndexes(url)
        let script = try String(contentsOfFile: "Benchmarks/ERPAdvice/workload.sql", encoding: .utf8)
        let workload = PlannedWorkload(script)
        let before = try await workload.built([], on: url).costs.reduce(0, +)
        let (expertCosts, expertBytes) = try await workload.built(Self.expert, on: url)
        let expert = expertCosts.reduce(0, +) / before
        let singleBytes = try await workload.built(Self.singles, on: url).bytes
        let equal = try await Self.advice(script, bytes: expertBytes, workload, url)
        let small = try await Self.advice(script, bytes: singleBytes / 2, workload, url)
        for (number, (own, other)) in zip(small.costs, expertCosts).enumerated() where own > other + 0.001 * before {
            let shares = String(format: "%.2f %% of the cost, %.2f %%", 100 * own / before, 100 * other / before)
            let text = workload.statements[number].sql.prefix(90).replacing("\n", with: " ")
            say("  at half the size dearer than with the set made by hand: \(shares): \(text)")
        }
        try await servers.remove()
        return [
            Measurement(
                "cost left at the same size",
                ours: 100 * equal.costs.reduce(0, +) / before,
                other: 100 * expert,
                unit: "%",
                goal: .ratioAtMost(1.05)
            ),
            Measurement("its size, built", ours: equal.bytes / 1e6, other: expertBytes / 1e6, unit: "MB"),
            Measurement(
                "cost left at half of single columns' size",
                ours: 100 * small.costs.reduce(0, +) / before,
                other: 100 * expert,
                unit: "%"
            ),
            Measurement(
                "cost saved by it",
                ours: 100 * (1 - small.costs.reduce(0, +) / before),
                other: 100 * (1 - expert),
                unit: "%",
                goal: .ratioAtLeast(0.95)
            ),
            Measurement(
                "its size, built, beside single columns'",
                ours: small.bytes / 1e6,
                other: singleBytes / 1e6,
                unit: "MB",
                goal: .ratioAtMost(0.5)
            ),
        ]
    }

    /// What the advised set leaves and takes, both found without the advisor's code.
    private static func advice(
        _ script: String,
        bytes: Double,
        _ workload: PlannedWorkload,
        _ url: String
    ) async throws -> (costs: [Double], bytes: Double) {
        let options = AdvisorOptions(storage: .bytes(bytes), timeout: .seconds(20))
        let advice = try await IndexAdvisor(PostgresConfiguration(url), options: options).advise(sql: script)
        say(String(format: "  for %.1f MB, estimated %.1f MB:", bytes / 1e6, advice.sizeBytes / 1e6))
        for index in advice.recommendations {
            let built = try await workload.built([index.definition.sql(concurrently: false)], on: url).bytes
            let sizes = [index.sizeBytes / 1e6, built / 1e6]
            let figures = String(format: "%6.2f MB (built %6.2f) %5.2f %%", sizes[0], sizes[1], 100 * index.savedShare)
            say("    \(figures)  \(index.definition.table) \(index.definition.body)")
        }
        let set = advice.recommendations.map { $0.definition.sql(concurrently: false) }
        return try await workload.built(set, on: url)
    }

    /// Takes away all indexes but those of constraints, and the inverted one, which no simulation knows.
    private static func dropIndexes(_ url: String) async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let names = try await connection.query(
            """
            SELECT i.indexrelid::regclass::text FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
            WHERE c.relnamespace = 'public'::regnamespace AND a.amname <> 'gin'
              AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
            """,
            as: String.self
        )
        for name in names { try await connection.run(script: "DROP INDEX \(name)") }
        try await connection.run(script: "VACUUM ANALYZE", timeout: .seconds(120))
        await connection.close()
    }
}
