// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import Millwright

/// `GET /low-stock`: the same list as `erp erp_report`, as JSON.
struct LowStockRoutes {
    let stock: LowStock

    var endpoints: RouteCollection<ERPRequestContext> {
        let routes = RouteCollection(context: ERPRequestContext.self)
        routes.get("low-stock", use: self.list)
        return routes
    }

    private func list(_ request: Request, _ context: ERPRequestContext) async throws -> [LowStock.Product] {
        do {
            return try await self.stock.products(limit: request.uri.queryParameters.get("limit", as: Int.self) ?? 20)
        } catch is PostgresError {
            // What the driver says is for the log and the operator, not for whoever asks.
            throw HTTPError(.serviceUnavailable, message: "The stock cannot be read now.")
        }
    }
}

extension LowStock.Product: ResponseEncodable {}
