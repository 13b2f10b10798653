// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One foreign key; each partition of its table has a copy of its own.
struct ForeignKey: Sendable, Hashable {
    var name: String
    var table: Int
    var columns: [Int]
    /// Quoted, in the key's order.
    var columnNames: [String]
    /// The collation by which each column is compared, 0 where its type has none; empty where it is not known.
    var collations: [Int] = []
    var parent: Int
    /// The table as SQL would name it.
    var parentName: String
    /// The constraint.
    var oid = 0
    /// The constraint of the partitioned table above that it is a copy of, or 0.
    var copyOf = 0
}

extension ForeignKey: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.name = try cursor.next()
        self.table = try cursor.next()
        self.columns = try cursor.next()
        self.columnNames = try cursor.next()
        self.collations = try cursor.next()
        self.parent = try cursor.next()
        self.parentName = try cursor.next()
        self.oid = try cursor.next()
        self.copyOf = try cursor.next()
    }

    /// Reads the foreign keys that are checked.
    ///
    /// The copies that a key to a partitioned table has, one for each partition of that, are left out: they ask nothing more.
    static func sql(version: Int) -> SQL {
        // PostgreSQL 18 brought NOT ENFORCED keys, which run no checks.
        let enforced: SQL = version >= 180000 ? "AND k.conenforced" : ""
        return """
            /* millwright:catalog-foreign-keys */
            SELECT pg_catalog.quote_ident(k.conname), k.conrelid::bigint, k.conkey::bigint[],
                   (SELECT pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) ORDER BY c.position)
                    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c (number, position)
                    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = c.number),
                   (SELECT pg_catalog.array_agg(a.attcollation::bigint ORDER BY c.position)
                    FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c (number, position)
                    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = c.number),
                   k.confrelid::bigint, k.confrelid::regclass::text, k.oid::bigint, k.conparentid::bigint
            FROM pg_catalog.pg_constraint AS k
            JOIN pg_catalog.pg_class AS t ON t.oid = k.conrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
            WHERE k.contype = 'f' \(enforced)
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS above
                              WHERE above.oid = k.conparentid AND above.conrelid = k.conrelid)
              AND t.relpersistence <> 't' AND \(Catalog.isUserSchema)
            ORDER BY k.oid
            """
    }
}
