// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension Inspection {
    /// When Millwright first saw each index, by its qualified name; empty where its own schema is missing.
    func indexHistory() async throws -> [String: Double] {
        let exists = try await self.query(
            """
            /* millwright:index-history */
            SELECT coalesce(pg_catalog.has_table_privilege(
                pg_catalog.to_regclass('millwright.index_history'), 'SELECT'), false)
            """
        )
        guard try exists[0].get(0, as: Bool.self) else { return [:] }
        let rows = try await self.query(
            """
            /* millwright:index-history */
            SELECT h.index_name::text, extract(epoch FROM pg_catalog.min(h.first_seen))::float8
            FROM millwright.index_history AS h
            GROUP BY h.index_name
            ORDER BY h.index_name
            """
        )
        let pairs = try rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: Double.self)) }
        return Dictionary(pairs) { first, _ in first }
    }
}
