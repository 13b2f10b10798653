// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// A foreign key with the table that it refers to: what deleting a row there has to look up.
struct ReferencingKey: Sendable, Hashable {
    var name: String
    /// The table that is referred to.
    var parentSchema: String
    var parent: String
    var schema: String
    var table: String
    var columns: [String]
    /// Whether its table is partitioned.
    var isPartitioned: Bool
    /// Whether deleting a row deletes those that refer to it.
    var cascades: Bool

    /// The lookup, with placeholders; by `ctid`, since the server reads the rows themselves and not the index alone.
    var lookup: String {
        let conditions = self.columns.enumerated().map { "\(quoted($1)) = $\($0 + 1)" }.joined(separator: " AND ")
        let only = self.isPartitioned ? "" : "ONLY "
        return "SELECT ctid FROM \(only)\(quoted(self.schema)).\(quoted(self.table)) WHERE \(conditions)"
    }

    /// Reads the keys that refer to tables of these names, and to what deleting there deletes.
    static func read(to names: [String], on connection: PostgresConnection) async throws -> [ReferencingKey] {
        guard !names.isEmpty else { return [] }
        // PostgreSQL 18 brought NOT ENFORCED keys, which look nothing up
        let enforced: SQL = try await connection.server().versionNumber >= 180_000 ? "AND k.conenforced" : ""
        return try await connection.query(
            """
            /* millwright:index-advisor */
            WITH RECURSIVE below (oid) AS (
                SELECT c.oid FROM pg_catalog.pg_class AS c
                WHERE c.relname = ANY (\(names)::text[]) AND c.relkind IN ('r', 'p')
                UNION
                SELECT k.conrelid FROM below
                JOIN pg_catalog.pg_constraint AS k ON k.confrelid = below.oid AND k.contype = 'f' AND k.confdeltype = 'c'
            )
            SELECT k.conname::text, pn.nspname::text, p.relname::text, n.nspname::text, t.relname::text,
                   ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c (number, position)
                         JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = c.number
                         ORDER BY c.position),
                   t.relkind = 'p', k.confdeltype = 'c'
            FROM below
            JOIN pg_catalog.pg_constraint AS k ON k.confrelid = below.oid AND k.contype = 'f' AND k.conparentid = 0
            JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
            JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
            JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
            WHERE true \(enforced)
            ORDER BY k.oid
            """
        ).map { row in
            var cursor = RowCursor(row)
            return ReferencingKey(
                name: try cursor.next(),
                parentSchema: try cursor.next(),
                parent: try cursor.next(),
                schema: try cursor.next(),
                table: try cursor.next(),
                columns: try cursor.next(),
                isPartitioned: try cursor.next(),
                cascades: try cursor.next()
            )
        }
    }
}
