// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension KeptDrop {
    /// Keeps a reading before its indexes are dropped, and forgets what no journalled drop stands for any more.
    ///
    /// - Throws: `ToolError` where `millwright.samples` is not there or closed to the role; `PostgresError`.
    static func keep(_ reading: DropReading, run: String, on connection: PostgresConnection) async throws {
        try await StatementSnapshot.requireTable(on: connection, to: "SELECT, INSERT, DELETE")
        try await connection.withTransaction { connection in
            _ = try await connection.query(
                """
                /* millwright:dropped-indexes */
                DELETE FROM millwright.samples AS s
                WHERE s.kind = \(Self.kind) AND NOT EXISTS (
                    SELECT FROM millwright.journal AS j
                    WHERE j.run::text = s.figures ->> 'run' AND j.subject = s.subject
                      AND j.state IN ('started', 'done'))
                """
            )
            for (target, statements) in zip(reading.targets, reading.statements) {
                try await Self.keep(target, statements, of: reading, run: run, on: connection)
            }
        }
    }

    private static func keep(
        _ target: DropTarget,
        _ statements: [Statement],
        of reading: DropReading,
        run: String,
        on connection: PostgresConnection
    ) async throws {
        let figures = statements.map { statement in
            "\"\(statement.id)\":[\(statement.use.calls),\(statement.use.seconds),\(statement.use.pages)]"
        }
        _ = try await connection.query(
            """
            /* millwright:dropped-indexes */
            INSERT INTO millwright.samples (node, kind, subject, figures)
            VALUES (\(StatementSnapshot.node), \(Self.kind), \(target.index), pg_catalog.jsonb_build_object(
                'run', \(run)::text,
                'table', \(target.table)::text,
                'names', pg_catalog.to_jsonb(\(Set(target.relations.map(\.name)).sorted())::text[]),
                'pages', \(target.pages)::bigint,
                'sequential_scans', \(target.sequentialScans)::bigint,
                'scans_counted_for', \(reading.scansCountedFor)::float8,
                'reset_at', extract(epoch FROM pg_catalog.clock_timestamp())::float8
                            - \(reading.statistics.windowSeconds)::float8,
                'evictions', \(reading.statistics.evictions)::bigint,
                'statements', \("{\(figures.joined(separator: ","))}")::text::jsonb))
            """
        )
    }

    /// The drops that were done, not taken back, and are not older than that; last one first.
    ///
    /// - Throws: `Obstacle` where the journal or the samples are closed to the role.
    static func read(from inspection: Inspection, youngerThan seconds: Double) async throws -> [KeptDrop] {
        guard try await Self.canRead(inspection) else { return [] }
        let rows = try await inspection.query(
            """
            /* millwright:dropped-indexes */
            SELECT j.subject, coalesce(s.figures ->> 'table', ''),
                   extract(epoch FROM pg_catalog.clock_timestamp() - j.finished_at)::float8,
                   s.id IS NOT NULL, ARRAY(SELECT pg_catalog.jsonb_array_elements_text(s.figures -> 'names')),
                   (s.figures ->> 'pages')::bigint, (s.figures ->> 'sequential_scans')::bigint,
                   (s.figures ->> 'scans_counted_for')::float8, (s.figures ->> 'reset_at')::float8,
                   (s.figures ->> 'evictions')::bigint,
                   f.key, (f.value ->> 0)::bigint, (f.value ->> 1)::float8, (f.value ->> 2)::bigint
            FROM millwright.journal AS j
            LEFT JOIN LATERAL (
                SELECT k.id, k.figures FROM millwright.samples AS k
                WHERE k.kind = \(Self.kind) AND k.subject = j.subject AND k.figures ->> 'run' = j.run::text
                ORDER BY k.id DESC LIMIT 1) AS s ON true
            LEFT JOIN LATERAL pg_catalog.jsonb_each(s.figures -> 'statements') AS f ON true
            WHERE j.command = \(IndexJournal.command) AND j.state = 'done' AND j.undo LIKE 'CREATE %'
              AND j.finished_at > pg_catalog.clock_timestamp() - \(seconds)::float8 * interval '1 second'
              AND NOT EXISTS (
                  SELECT FROM pg_catalog.pg_class AS c
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                  WHERE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) = j.subject)
              AND NOT EXISTS (
                  SELECT FROM millwright.journal AS l
                  WHERE l.command = j.command AND l.subject = j.subject AND l.state = 'done'
                    AND l.undo LIKE 'CREATE %' AND l.id > j.id)
            ORDER BY j.id DESC, f.key
            """
        )
        var drops: [KeptDrop] = []
        for row in rows {
            var cursor = RowCursor(row)
            let drop = try KeptDrop(&cursor)
            if drops.last?.index != drop.index { drops.append(drop) }
            guard let id = try cursor.next(String?.self) else { continue }
            drops[drops.count - 1].figures?.statements[id] = StatementUse(
                calls: try cursor.next(),
                seconds: try cursor.next(),
                pages: try cursor.next()
            )
        }
        return drops
    }

    private init(_ cursor: inout RowCursor) throws {
        self.index = try cursor.next()
        self.table = try cursor.next()
        self.age = try cursor.next()
        let isKept = try cursor.next(Bool.self)
        let figures = Figures(
            names: try cursor.next(),
            pages: try cursor.next(Int?.self) ?? 0,
            sequentialScans: try cursor.next(Int?.self) ?? 0,
            scansCountedFor: try cursor.next(Double?.self) ?? 0,
            resetAt: try cursor.next(),
            evictions: try cursor.next()
        )
        self.figures = isKept ? figures : nil
    }

    /// Whether there is a journal and it can be read.
    private static func canRead(_ inspection: Inspection) async throws -> Bool {
        let rows = try await inspection.query(
            """
            /* millwright:dropped-indexes */
            SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                   AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
            FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'millwright' AND c.relname IN ('journal', 'samples') AND c.relkind = 'r'
            ORDER BY c.relname
            """
        )
        // both are made by `manage migrate`; without them nothing was ever dropped or nothing was kept
        guard rows.count == 2 else { return false }
        for row in rows where !(try row.get(0, as: Bool.self)) {
            let role = quoted(inspection.server.user)
            throw Obstacle(
                "The role may not read which indexes were dropped.",
                cure: "GRANT USAGE ON SCHEMA millwright TO \(role); "
                    + "GRANT SELECT ON millwright.journal, millwright.samples TO \(role);"
            )
        }
        return true
    }
}
