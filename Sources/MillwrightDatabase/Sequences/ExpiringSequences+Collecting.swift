// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension ExpiringSequences {
    /// Each value that is read keeps a lock until the transaction ends, and the lock table has room for some thousands.
    private static let batch = 500

    func collect(from inspection: Inspection) async throws -> Observation {
        var sequences: [Sequence] = try await inspection.query(self.sql).values()
        let readable = sequences.indices.filter { sequences[$0].isReadable }
        for start in stride(from: 0, to: readable.count, by: Self.batch) {
            if start > 0 { try await inspection.renew() }
            let positions = readable[start..<min(start + Self.batch, readable.count)]
            let values = try await self.lastValues(of: positions.map { sequences[$0].oid }, in: inspection)
            for position in positions { sequences[position].lastValue = values[sequences[position].oid] }
        }
        return Observation(sequences: sequences, role: inspection.server.user)
    }

    private func lastValues(of oids: [Int], in inspection: Inspection) async throws -> [Int: Int] {
        let rows = try await inspection.query(
            """
            /* millwright:expiring-sequences */
            SELECT s.seqrelid, pg_catalog.pg_sequence_last_value(s.seqrelid)
            FROM pg_catalog.pg_sequence AS s
            WHERE s.seqrelid = ANY (\(oids)::bigint[]::oid[])
            ORDER BY s.seqrelid
            """
        )
        let pairs = try rows.compactMap { row -> (Int, Int)? in
            guard let value = try row.get(1, as: Int?.self) else { return nil }
            return (try row.get(0, as: Int.self), value)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private var sql: SQL {
        """
        /* millwright:expiring-sequences */
        SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
               d.refobjid::regclass::text || '.' || pg_catalog.quote_ident(a.attname), d.refobjid::regclass::text,
               t.typname, pg_catalog.quote_ident(a.attname),
               s.seqstart, s.seqmin, s.seqmax, s.seqincrement, s.seqcycle,
               pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT')
        FROM pg_catalog.pg_sequence AS s
        JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_depend AS d
          ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
         AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
        LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        WHERE c.relpersistence <> 't' AND \(Catalog.isUserSchema)
        ORDER BY c.oid
        """
    }
}

extension ExpiringSequences.Sequence: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.oid = try cursor.next()
        self.name = try cursor.next()
        self.column = try cursor.next()
        self.table = try cursor.next()
        self.columnType = try cursor.next()
        self.columnName = try cursor.next()
        self.start = try cursor.next()
        self.minimum = try cursor.next()
        self.maximum = try cursor.next()
        self.increment = try cursor.next()
        self.cycles = try cursor.next()
        self.isReadable = try cursor.next()
    }
}
