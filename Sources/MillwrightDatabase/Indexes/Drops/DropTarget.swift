// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// An index that goes, and what statements name that may miss it: its table, the whole and the parts of that, and views of these.
struct DropTarget: Sendable, Hashable {
    /// A table or a view, unquoted.
    struct Relation: Sendable, Hashable {
        var schema: String
        var name: String
    }

    /// Quoted and qualified.
    var index: String
    /// Quoted and qualified.
    var table: String
    var relations: Set<Relation> = []
    /// The pages of the table and its parts, by the catalog.
    var pages = 0
    /// How often the table and its parts were read from end to end.
    var sequentialScans = 0
}

extension DropTarget {
    /// Finds what statements may name; a table that is gone has nothing.
    static func read(_ drops: [(index: String, table: String)], from inspection: Inspection) async throws
        -> [DropTarget]
    {
        let rows = try await inspection.query(
            """
            /* millwright:dropped-indexes */
            WITH RECURSIVE own AS (
                SELECT w.number, c.oid
                FROM pg_catalog.unnest(\(drops.map(\.table))::text[]) WITH ORDINALITY AS w (name, number)
                JOIN (pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace)
                  ON pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) = w.name
                 AND c.relkind IN ('r', 'p', 'm')
            ), below AS (
                SELECT own.number, own.oid FROM own
                UNION
                SELECT b.number, h.inhrelid
                FROM below AS b
                JOIN pg_catalog.pg_inherits AS h ON h.inhparent = b.oid
                JOIN pg_catalog.pg_class AS p ON p.oid = h.inhrelid AND p.relispartition
            ), above AS (
                SELECT own.number, own.oid FROM own
                UNION
                SELECT a.number, h.inhparent
                FROM above AS a
                JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.oid
            ), named AS (
                SELECT family.number, family.oid, family.is_below
                FROM (SELECT b.number, b.oid, true AS is_below FROM below AS b
                      UNION ALL
                      SELECT a.number, a.oid, false FROM above AS a) AS family
                UNION
                SELECT n.number, w.ev_class, false
                FROM named AS n
                JOIN pg_catalog.pg_depend AS d
                  ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = n.oid
                 AND d.classid = 'pg_catalog.pg_rewrite'::regclass
                JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid
                JOIN pg_catalog.pg_class AS v ON v.oid = w.ev_class AND v.relkind = 'v'
            )
            SELECT n.number, s.nspname::text, c.relname::text,
                   CASE WHEN n.is_below THEN greatest(c.relpages, 0)::bigint ELSE 0 END,
                   CASE WHEN n.is_below THEN pg_catalog.pg_stat_get_numscans(c.oid) ELSE 0 END
            FROM named AS n
            JOIN pg_catalog.pg_class AS c ON c.oid = n.oid
            JOIN pg_catalog.pg_namespace AS s ON s.oid = c.relnamespace
            ORDER BY n.number, c.oid, n.is_below
            """
        )
        var targets = drops.map { DropTarget(index: $0.index, table: $0.table) }
        for row in rows {
            var cursor = RowCursor(row)
            let position = try cursor.next(Int.self) - 1
            targets[position].relations.insert(Relation(schema: try cursor.next(), name: try cursor.next()))
            targets[position].pages += try cursor.next(Int.self)
            targets[position].sequentialScans += try cursor.next(Int.self)
        }
        return targets
    }
}
