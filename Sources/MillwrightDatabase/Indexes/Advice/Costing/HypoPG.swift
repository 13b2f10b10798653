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
    /// Keeps pg_stat_statements from counting what this session asks, where the role may: thousands of EXPLAINs would push the
    /// application's own statements out of it.
    func leaveStatisticsAlone() async {
        let sql: SQL = """
            /* millwright:index-advisor */ SELECT pg_catalog.set_config('pg_stat_statements.track', 'none', false)
            """
        _ = try? await self.query(sql)
    }
}
