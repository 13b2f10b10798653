// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// The relations that a copy has to have so that some statements can run on it, as one snapshot of the source shows them.
struct ScratchSource: Sendable {
    /// One of them.
    struct Relation: Sendable, Hashable {
        var schema: String
        var name: String
        /// `r`, `p`, `m`, `v` or `S`.
        var kind: String
        /// What it takes with its indexes.
        var bytes: Int
        /// Whether the role may read it.
        var isReadable: Bool
        /// What COPY takes: all but what is computed from the others.
        var columns: [String]

        var qualified: String { "\(quoted(self.schema)).\(quoted(self.name))" }
    }

    let relations: [Relation]

    var bytes: Int { self.relations.reduce(0) { $0 + $1.bytes } }
    /// Those that hold rows of their own.
    var tables: [Relation] { self.relations.filter { $0.kind == "r" } }

    /// Finds what some statements read, and what that is made of: tables below views and partitioned tables, sequences of defaults.
    static func read(of statements: [String], from connection: PostgresConnection) async throws -> ScratchSource {
        let names = statements.reduce(into: Set<String>()) { names, text in
            names.formUnion(QueryParser.tree(of: text)?.relationNames ?? [])
        }
        let rows = try await connection.query(Self.sql(names.sorted()), timeout: .seconds(30))
        return ScratchSource(
            relations: try rows.map { row in
                var cursor = RowCursor(row)
                return Relation(
                    schema: try cursor.next(),
                    name: try cursor.next(),
                    kind: try cursor.next(),
                    bytes: try cursor.next(),
                    isReadable: try cursor.next(),
                    columns: try cursor.next()
                )
            }
        )
    }

    // Members of an extension come with it, and a foreign table's rows are elsewhere.
    private static func sql(_ names: [String]) -> SQL {
        """
        /* millwright:scratch-copy */
        WITH RECURSIVE needed (oid) AS (
            SELECT pg_catalog.to_regclass(n.name)::oid FROM pg_catalog.unnest(\(names)::text[]) AS n (name)
            WHERE pg_catalog.to_regclass(n.name) IS NOT NULL
            UNION
            SELECT x.oid FROM needed AS k CROSS JOIN LATERAL (
                SELECT d.refobjid FROM pg_catalog.pg_rewrite AS r
                JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                WHERE r.ev_class = k.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                UNION ALL
                SELECT d.refobjid FROM pg_catalog.pg_attrdef AS a
                JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
                WHERE a.adrelid = k.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                UNION ALL
                SELECT h.inhparent FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = k.oid
                UNION ALL
                SELECT h.inhrelid FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = k.oid
            ) AS x (oid)
        )
        SELECT n.nspname::text, c.relname::text, c.relkind::text,
               CASE WHEN c.relkind IN ('r', 'm')
                    THEN pg_catalog.pg_table_size(c.oid) + pg_catalog.pg_indexes_size(c.oid) ELSE 0 END::bigint,
               c.relkind <> 'r' OR pg_catalog.has_table_privilege(c.oid, 'SELECT'),
               ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                     ORDER BY a.attnum)
        FROM needed AS k
        JOIN pg_catalog.pg_class AS c ON c.oid = k.oid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S')
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'millwright')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                          WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        ORDER BY c.oid
        """
    }

    /// Refuses what cannot be copied, before anything is begun.
    func check(against limit: Int) throws(ToolError) {
        let tried = "Prepared a scratch copy of the \(self.tables.count) tables that the measured statements read."
        if let closed = self.relations.first(where: { !$0.isReadable }) {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "The role may not read \(closed.qualified).",
                next: "GRANT SELECT ON \(closed.qualified) TO the role that runs it."
            )
        }
        guard self.bytes > limit else { return }
        let biggest = self.relations.sorted { $0.bytes > $1.bytes }.prefix(3)
            .map { "\($0.qualified) \(Units.text(bytes: $0.bytes))" }.joined(separator: ", ")
        throw ToolError(
            .notWell,
            tried: tried,
            stopped: "With their indexes they take \(Units.text(bytes: self.bytes)), and a copy may take "
                + "\(Units.text(bytes: limit)); the biggest: \(biggest).",
            next: "Raise it with `--copy-limit`, or measure in place with `--apply --verify`; nothing was changed."
        )
    }
}

extension ParseNode {
    /// The relations named anywhere below, as the statement writes them, quoted where they need to be.
    var relationNames: Set<String> {
        var names: Set<String> = []
        self.collectRelations(into: &names)
        return names
    }

    private func collectRelations(into names: inout Set<String>) {
        for node in [self["RangeVar"], self["relation"]] {
            guard let node, let name = node["relname"]?.text else { continue }
            names.insert((node["schemaname"]?.text.map { "\(quoted($0))." } ?? "") + quoted(name))
        }
        for child in self.children { child.collectRelations(into: &names) }
    }
}
