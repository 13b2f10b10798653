// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

extension IndexSituation {
    /// Reads what is there before an index is built.
    ///
    /// The index is rehearsed on an empty temporary copy of the table, which is rolled back: so the server judges the statement,
    /// chooses a name, and writes the definition as it would write the real one's, and nothing was locked but for reading.
    static func read(_ request: CreateIndex, from connection: PostgresConnection) async throws -> IndexSituation {
        let tables = try await Self.tables(of: request, from: connection)
        let rehearsal = try await Self.rehearse(request, on: tables[0], on: connection)
        var situation = IndexSituation(
            request: request,
            tables: tables,
            name: request.name ?? rehearsal.name,
            rest: rehearsal.rest,
            hasExpressions: rehearsal.hasExpressions
        )
        try await situation.readExisting(from: connection)
        if request.name == nil { situation.takeFreeName() }
        return situation
    }

    private static func tables(
        of request: CreateIndex,
        from connection: PostgresConnection
    ) async throws -> [Table] {
        let rows = try await connection.query(
            """
            /* millwright:index-apply */
            SELECT t.oid::bigint, coalesce(p.parentrelid::oid, 0)::bigint, n.nspname::text, t.relname::text,
                   t.relkind::text, pg_catalog.pg_has_role(t.relowner, 'USAGE'),
                   pg_catalog.has_schema_privilege(n.oid, 'CREATE'), pg_catalog.pg_get_userbyid(t.relowner)::text
            FROM (SELECT pg_catalog.to_regclass(\(request.namedTable))::oid AS oid) AS root
            CROSS JOIN LATERAL (
                SELECT root.oid AS relid, 0::oid AS parentrelid, 0 AS level
                WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(root.oid::regclass))
                UNION ALL
                SELECT r.relid::oid, CASE WHEN r.level > 0 THEN r.parentrelid::oid ELSE 0::oid END, r.level
                FROM pg_catalog.pg_partition_tree(root.oid::regclass) AS r) AS p
            JOIN pg_catalog.pg_class AS t ON t.oid = p.relid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
            ORDER BY p.level, t.oid
            """
        )
        let tables = try rows.values(as: Table.self)
        guard !tables.isEmpty else {
            throw ToolError(
                .notWell,
                tried: "Looked for the table \(request.namedTable).",
                stopped: "There is none of that name that this role can see.",
                next: "Write its schema before it."
            )
        }
        return tables
    }

    private struct Rehearsal: Sendable {
        var name: String
        var rest: String
        var hasExpressions: Bool
    }

    private static func rehearse(
        _ request: CreateIndex,
        on table: Table,
        on connection: PostgresConnection
    ) async throws -> Rehearsal {
        let unique = request.isUnique ? "UNIQUE " : ""
        let name = request.name.map { quoted($0) } ?? ""
        do {
            try await connection.run(
                script: """
                    BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10s';
                    SET LOCAL client_min_messages = error;
                    CREATE TEMP TABLE \(quoted(table.name)) (LIKE \(table.qualified));
                    CREATE \(unique)INDEX \(name) ON pg_temp.\(quoted(table.name)) \(request.rest);
                    SET LOCAL search_path = pg_catalog
                    """
            )
            let rows = try await connection.query(
                """
                /* millwright:index-apply */
                SELECT x.relname::text, \(Self.restSQL), i.indexprs IS NOT NULL
                FROM pg_catalog.pg_index AS i
                JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
                JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
                JOIN pg_catalog.pg_am AS am ON am.oid = x.relam
                WHERE t.relnamespace = pg_catalog.pg_my_temp_schema() AND t.relname = \(table.name)
                ORDER BY x.oid
                """
            )
            var cursor = RowCursor(rows[0])
            let rehearsal = Rehearsal(
                name: try cursor.next(),
                rest: try cursor.next(),
                hasExpressions: try cursor.next()
            )
            try await connection.run(script: "ROLLBACK")
            return rehearsal
        } catch {
            try? await connection.run(script: "ROLLBACK")
            throw Self.refusal(of: error, table: table)
        }
    }

    private static func refusal(of error: any Error, table: Table) -> any Error {
        guard let error = error as? PostgresError, let state = error.sqlState else { return error }
        let tried = "Rehearsed the index on an empty copy of \(table.qualified)."
        switch state {
        case "55P03":
            return ToolError(
                .tryLater,
                tried: tried,
                stopped: "Another session has locked the table.",
                next: "Try again when it is done; nothing was changed."
            )
        case "42501":
            return ToolError(
                .unavailable,
                tried: tried,
                stopped: "The role may not read the table, or not make temporary tables in this database.",
                next: "GRANT TEMPORARY ON DATABASE … TO the role, and run it as the table's owner."
            )
        default:
            return ToolError(
                .notWell,
                tried: tried,
                stopped: "The server refused the statement (SQLSTATE \(state)).",
                next: "Correct its columns, operator classes and expressions; nothing was changed."
            )
        }
    }

    // What follows the table's name, as the server writes it; expects pg_index AS i, pg_class AS x, pg_am AS am.
    private static let restSQL: SQL = """
        pg_catalog.substr(
            pg_catalog.pg_get_indexdef(i.indexrelid),
            pg_catalog.strpos(pg_catalog.pg_get_indexdef(i.indexrelid),
                              ' USING ' || pg_catalog.quote_ident(am.amname) || ' ('))
        """

    private mutating func readExisting(from connection: PostgresConnection) async throws {
        let tables = self.tables.map(\.oid)
        let names = self.tables.map { table in
            table.oid == self.table.oid
                ? "\(quoted(table.schema)).\(quoted(self.name))" : IndexPlan.memberName(of: self.name, on: table)
        }
        let rows = try await connection.withTransaction { connection in
            try await connection.run(script: "SET LOCAL search_path = pg_catalog")
            return try await connection.query(
                """
                /* millwright:index-apply */
                SELECT x.oid::bigint, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname),
                       x.relkind::text, coalesce(i.indrelid::oid, 0)::bigint, \(Self.restSQL),
                       coalesce(i.indisunique, false), coalesce(i.indisvalid, true),
                       EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
                               WHERE p.index_relid = x.oid AND p.pid <> pg_catalog.pg_backend_pid()),
                       coalesce(h.inhparent::oid, 0)::bigint
                FROM pg_catalog.pg_class AS x
                JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
                LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = x.oid
                LEFT JOIN pg_catalog.pg_am AS am ON am.oid = x.relam
                LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = x.oid
                WHERE i.indrelid = ANY (\(tables)::bigint[]::oid[])
                   OR pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname)
                      = ANY (\(names)::text[])
                ORDER BY x.oid
                """
            ).values(as: Existing.self)
        }
        for existing in rows {
            self.named[existing.name] = existing
            guard existing.rest == self.rest, existing.isUnique == self.request.isUnique,
                existing.isValid || existing.kind == "I"
            else { continue }
            self.equal[existing.table, default: []].append(existing)
        }
    }

    /// Chooses a name that nothing has, as the server does: with a number behind it.
    private mutating func takeFreeName() {
        let stem = self.name
        var number = 0
        while self.named["\(quoted(self.table.schema)).\(quoted(self.name))"] != nil {
            number += 1
            self.name = "\(stem)\(number)"
        }
    }
}

extension IndexSituation.Table: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.parent = try cursor.next()
        self.schema = try cursor.next()
        self.name = try cursor.next()
        self.kind = try cursor.next()
        self.isOwned = try cursor.next()
        self.canCreate = try cursor.next()
        self.owner = try cursor.next()
    }
}

extension IndexSituation.Existing: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.name = try cursor.next()
        self.kind = try cursor.next()
        self.table = try cursor.next()
        self.rest = try cursor.next()
        self.isUnique = try cursor.next()
        self.isValid = try cursor.next()
        self.isBeingBuilt = try cursor.next()
        self.parent = try cursor.next()
    }
}
