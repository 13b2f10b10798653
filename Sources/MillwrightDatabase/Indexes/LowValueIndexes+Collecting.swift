// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension LowValueIndexes {
    func collect(from inspection: Inspection) async throws -> Observation {
        let catalog = try await inspection.catalog().adding(inspection.otherNodes)
        var observation = Observation(
            catalog: catalog,
            window: try await inspection.window().adding(inspection.otherNodes),
            firstSeen: try await inspection.indexHistory()
        )
        let suspects = self.suspects(in: catalog)
        guard !suspects.isEmpty else { return observation }
        let statements = try await inspection.statements()
        observation.readsStatements = statements.obstacle == nil && statements.hidden == 0
        let updated = UpdatedColumns(statements.judged)
        observation.updates = try await self.columns(of: suspects.map(\.oid), in: inspection).mapValues { columns in
            columns.map { ($0.name, updated.calls(schema: $0.schema, table: $0.table, column: $0.name)) }
                .filter { $0.1 > 0 }.map { Observation.Update(column: quoted($0.0), calls: $0.1) }
        }
        return observation
    }

    private struct Column {
        var schema: String
        var table: String
        var name: String
    }

    // Every column that an index depends on: keys, INCLUDE, and those within expressions and the predicate.
    private func columns(of indexes: [Int], in inspection: Inspection) async throws -> [Int: [Column]] {
        let rows = try await inspection.query(
            """
            /* millwright:low-value-indexes */
            SELECT DISTINCT i.indexrelid::bigint, n.nspname::text, t.relname::text, a.attname::text
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
            JOIN pg_catalog.pg_depend AS d
              ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
             AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid
            WHERE i.indexrelid = ANY (\(indexes)::bigint[]::oid[])
            ORDER BY 1, 4
            """
        )
        var columns: [Int: [Column]] = [:]
        for row in rows {
            var cursor = RowCursor(row)
            let index = try cursor.next(Int.self)
            let column = Column(schema: try cursor.next(), table: try cursor.next(), name: try cursor.next())
            columns[index, default: []].append(column)
        }
        return columns
    }
}
