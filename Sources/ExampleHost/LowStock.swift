// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Millwright

/// Products of which less is in stock than should be.
struct LowStock: Sendable {
    /// One of them.
    struct Product: Sendable, Hashable, Encodable {
        var sku: String
        var name: String
        var stock: Int
        var reorderLevel: Int

        enum CodingKeys: String, CodingKey {
            case sku, name, stock
            case reorderLevel = "reorder_level"
        }
    }

    let database: PostgresClient

    /// The products furthest below their reorder level, at most `limit` of them.
    func products(limit: Int) async throws -> [Product] {
        try await self.database.query(
            """
            /* erp:low-stock */
            SELECT sku, name, stock, reorder_level
            FROM erp_product
            WHERE active AND stock < reorder_level
            ORDER BY stock - reorder_level, id
            LIMIT \(limit)
            """,
            as: (String, String, Int, Int).self
        ).map { Product(sku: $0, name: $1, stock: $2, reorderLevel: $3) }
    }
}
