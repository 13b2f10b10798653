// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One foreign key; of a partitioned table only the root's.
struct ForeignKey: Sendable, Hashable {
    var name: String
    var table: Int
    var columns: [Int]
    /// Quoted, in the key's order.
    var columnNames: [String]
    var parent: Int
    /// The table as SQL would name it.
    var parentName: String
}

extension ForeignKey: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.name = try cursor.next()
        self.table = try cursor.next()
        self.columns = try cursor.next()
        self.columnNames = try cursor.next()
        self.parent = try cursor.next()
        self.parentName = try cursor.next()
    }

    /// Reads the foreign keys that are checked.
    ///
    /// A partition's copy has a parent constraint and is left out: one finding for the key, not one a partition.
    static func sql(version: Int) -> SQL {
        // PostgreSQL 18 brought NOT ENFORCED keys, which run no checks.
        let enforced: SQL = version >= 180000 ? "AND k.conenforced" : ""
        return """
            /* millwright:catalog-foreign-keys */
            SELECT pg_catalog.quote_ident(k.conname), k.conrelid::bigint, k.conkey::bigint[],
                   (SELECT pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) ORDER BY c.position)
                    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c (number, position)
                    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = c.number),
                   k.confrelid::bigint, k.confrelid::regclass::text
            FROM pg_catalog.pg_constraint AS k
            JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0 \(enforced)
              AND t.relpersistence <> 't' AND \(Catalog.isUserSchema)
            ORDER BY k.oid
            """
    }
}
