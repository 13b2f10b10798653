// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The extension that makes indexes in the planner's imagination.
enum HypoPG {
    /// Asks for the schema that its functions are in; no row where it is not there for this role.
    static let schemaQuery: SQL = """
        /* millwright:hypopg */
        SELECT n.nspname::text
        FROM pg_catalog.pg_extension AS e
        JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'hypopg' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        ORDER BY n.nspname
        """

    static func schema(on connection: PostgresConnection) async throws -> String? {
        try await connection.query(Self.schemaQuery, as: String.self).first
    }
}

extension PostgresConnection {
    /// Keeps pg_stat_statements and pg_qualstats from counting what this session asks, where the role may: thousands of EXPLAINs
    /// would push the application's own statements out of the one, and show values to the other that the application never sent.
    func leaveStatisticsAlone() async {
        for (name, value) in [("pg_stat_statements.track", "none"), ("pg_qualstats.enabled", "off")] {
            let sql: SQL = "/* millwright:index-advisor */ SELECT pg_catalog.set_config(\(name), \(value), false)"
            _ = try? await self.query(sql)
        }
    }
}
