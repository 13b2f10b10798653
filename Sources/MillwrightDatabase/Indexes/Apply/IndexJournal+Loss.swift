// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension IndexJournal.Undoable {
    static let tableIsGone = "Its table is gone: it cannot be had again."

    /// Why it cannot be had again, since its table or a column of it is gone; nothing where both are there.
    func loss(on connection: PostgresConnection) async throws -> String? {
        let table = try CreateIndex.parse(self.undo)[0].namedTable
        let rows = try await connection.query(
            """
            /* millwright:index-apply */
            SELECT pg_catalog.to_regclass(\(table)) IS NOT NULL,
                   ARRAY(SELECT c.name FROM pg_catalog.unnest(\(self.columns)::text[]) AS c (name)
                         WHERE NOT EXISTS (
                             SELECT FROM pg_catalog.pg_attribute AS a
                             WHERE a.attrelid = pg_catalog.to_regclass(\(table))
                               AND a.attname = c.name AND NOT a.attisdropped)
                         ORDER BY c.name)
            """
        )
        var cursor = RowCursor(rows[0])
        guard try cursor.next(Bool.self) else { return Self.tableIsGone }
        let gone = try cursor.next([String].self).map { quoted($0) }
        switch gone.count {
        case 0: return nil
        case 1: return "The column \(gone[0]) of its table is gone: it cannot be had again."
        default: return "Columns of its table are gone (\(gone.joined(separator: ", "))): it cannot be had again."
        }
    }

    /// The columns that the definition names, as keys, in expressions, and in its predicate.
    var columns: [String] { (QueryParser.tree(of: self.undo)?.indexedColumns ?? []).sorted() }
}

extension ParseNode {
    fileprivate var indexedColumns: Set<String> {
        var names = Set([self["IndexElem"]?["name"]?.text].compactMap { $0 })
        // a whole row, `t.*`, ends in no name
        if let name = self["ColumnRef"]?["fields"]?.elements.last?["String"]?["sval"]?.text { names.insert(name) }
        return self.children.reduce(into: names) { $0.formUnion($1.indexedColumns) }
    }
}
