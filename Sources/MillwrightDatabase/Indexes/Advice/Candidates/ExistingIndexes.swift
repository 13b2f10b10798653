// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The usable indexes of some tables, as definitions with their names.
struct ExistingIndexes: Sendable {
    var definitions: [IndexDefinition] = []
    /// The name of each, quoted and qualified.
    var names: [String] = []
    /// Whether each could be dropped without losing a rule.
    var isDroppable: [Bool] = []
    /// What each takes, in bytes.
    var bytes: [Double] = []
    /// What those take together that could be dropped.
    var replaceableBytes: Double { zip(self.isDroppable, self.bytes).reduce(0) { $0 + ($1.0 ? $1.1 : 0) } }
    /// All indexes that writers keep up, each with the columns that it depends on as its keys.
    var written: [IndexDefinition] = []
    /// Every relation's name in the tables' schemas.
    var taken: Set<String> = []

    /// Reads plain column indexes; those with expressions, a predicate or a collation of their own serve no candidate's purpose
    /// surely, and are left out.
    static func read(of tables: [AdvisedTable], on connection: PostgresConnection) async throws -> ExistingIndexes {
        var found = ExistingIndexes()
        let rows = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT t.oid::bigint, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname), m.amname::text,
                   ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                         JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number
                         ORDER BY k.position),
                   i.indnkeyatts::bigint, i.indoption::text,
                   NOT (i.indisunique OR i.indisexclusion OR i.indisreplident OR i.indisclustered)
                   AND x.relkind = 'i' AND NOT x.relispartition
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = x.oid)
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                                   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid IN (x.oid, t.oid)
                                     AND d.deptype = 'e'),
                   -- its size itself would wait for whoever locks it
                   x.relpages * pg_catalog.current_setting('block_size')::float8
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
            JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
            JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
            WHERE i.indrelid = ANY (\(tables.map(\.oid))::bigint[]::oid[]) AND i.indisvalid AND i.indisready
              AND i.indpred IS NULL AND i.indexprs IS NULL
              AND NOT EXISTS (SELECT FROM pg_catalog.unnest(i.indclass) AS c (id)
                              JOIN pg_catalog.pg_opclass AS o ON o.oid = c.id WHERE NOT o.opcdefault)
              AND NOT EXISTS (SELECT FROM ROWS FROM (pg_catalog.unnest(i.indcollation), pg_catalog.unnest(i.indkey))
                                  AS c (id, number)
                              JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = c.number
                              WHERE c.id <> a.attcollation)
            ORDER BY x.oid
            """
        )
        let byID = Dictionary(tables.map { ($0.oid, $0) }) { first, _ in first }
        for row in rows {
            var cursor = RowCursor(row)
            guard let table = byID[try cursor.next(Int.self)] else { continue }
            found.names.append(try cursor.next())
            let method: String = try cursor.next()
            let columns: [String] = try cursor.next()
            let keyCount: Int = try cursor.next()
            let options = try cursor.nextVector()
            found.isDroppable.append(try cursor.next())
            found.bytes.append(try cursor.next())
            found.definitions.append(Self.definition(table, method, columns, keyCount, options))
        }
        found.written = try await Self.written(byID, on: connection)
        found.taken = try await Self.takenNames(in: Set(tables.map(\.schema)).sorted(), on: connection)
        return found
    }

    // Read backwards, an index whose keys are all DESC is one whose keys are all ASC.
    private static func definition(
        _ table: AdvisedTable,
        _ method: String,
        _ columns: [String],
        _ keyCount: Int,
        _ options: [Int]
    ) -> IndexDefinition {
        let isReversed = !options.isEmpty && options.allSatisfy { $0 == 3 }
        let keys = zip(columns.prefix(keyCount), options).map { column, option in
            let flags = isReversed ? 0 : option
            return IndexDefinition.Key(
                .column(column),
                isDescending: flags & 1 == 1,
                nullsFirst: (flags & 2 == 2) == (flags & 1 == 1) ? nil : flags & 2 == 2
            )
        }
        return IndexDefinition(
            schema: table.schema,
            table: table.name,
            method: method,
            keys: keys,
            included: Array(columns.dropFirst(keyCount))
        )
    }

    private static func written(
        _ tables: [Int: AdvisedTable],
        on connection: PostgresConnection
    ) async throws -> [IndexDefinition] {
        try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT i.indrelid::bigint, m.amname::text,
                   ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
                         WHERE a.attrelid = i.indrelid AND a.attnum > 0
                           AND (a.attnum = ANY (i.indkey) OR EXISTS (
                               SELECT FROM pg_catalog.pg_depend AS d
                               WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                                 AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid
                                 AND d.refobjsubid = a.attnum))
                         ORDER BY a.attnum)
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
            JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
            WHERE i.indrelid = ANY (\(tables.keys.sorted())::bigint[]::oid[]) AND i.indisready
            ORDER BY i.indexrelid
            """,
            as: (Int, String, [String]).self
        ).compactMap { oid, method, columns in
            tables[oid].map { table in
                IndexDefinition(
                    schema: table.schema,
                    table: table.name,
                    method: method,
                    keys: columns.map { IndexDefinition.Key(.column($0)) }
                )
            }
        }
    }

    private static func takenNames(in schemas: [String], on connection: PostgresConnection) async throws -> Set<String>
    {
        let names = try await connection.query(
            """
            /* millwright:index-advisor */
            SELECT c.relname::text FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY (\(schemas)::text[]) ORDER BY c.relname
            """,
            as: String.self
        )
        return Set(names)
    }
}
