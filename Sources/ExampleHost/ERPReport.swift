// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Millwright

/// Lists what has to be ordered.
struct ERPReport: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "erp_report",
        abstract: "List the products that run low."
    )
    static var kind: CommandKind { .look }

    @Option(help: "How many products to list.")
    var limit = 20

    func run(in context: CommandContext) async throws -> ExitCode {
        let products = try await LowStock(database: context.database()).products(limit: self.limit)
        let table = Table(
            "low_stock",
            title: "Low stock",
            columns: [
                .init("sku", "SKU"), .init("name", "Product"), .init("stock", "In stock"),
                .init("reorder_level", "Reorder at"),
            ],
            rows: products.map { [.text($0.sku), .text($0.name), .count($0.stock), .count($0.reorderLevel)] }
        )
        return context.finish(context.report("Low stock", sections: [Section("erp", title: "Stock", tables: [table])]))
    }
}
