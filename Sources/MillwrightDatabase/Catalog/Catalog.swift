// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// The catalog facts that the index checks share, read once.
struct Catalog: Sendable {
    let indexes: [CatalogIndex]
    var foreignKeys: [ForeignKey]
    var blockSize: Int
    let tables: [Int: CatalogTable]
    /// Where the indexes of each table are.
    private let positions: [Int: [Int]]

    init(indexes: [CatalogIndex], tables: [CatalogTable], foreignKeys: [ForeignKey] = [], blockSize: Int = 8192) {
        self.indexes = indexes
        self.positions = Dictionary(grouping: indexes.indices) { indexes[$0].table }
        self.tables = Dictionary(tables.map { ($0.oid, $0) }) { first, _ in first }
        self.foreignKeys = foreignKeys
        self.blockSize = blockSize
    }

    func bytes(_ pages: Int) -> Int { pages * self.blockSize }

    /// A table's size; before its first ANALYZE guessed from the rows that were inserted, at a hundred bytes each.
    func bytes(of table: CatalogTable) -> Int {
        table.rows < 0 ? max(self.bytes(table.pages), Int(table.likelyRows) * 100) : self.bytes(table.pages)
    }

    func table(of index: CatalogIndex) -> String { self.tables[index.table]?.name ?? "its table" }

    /// The indexes of one table, in catalog order.
    func indexes(of table: Int) -> [CatalogIndex] { (self.positions[table] ?? []).map { self.indexes[$0] } }

    /// The tables that have indexes.
    var indexedTables: some Collection<Int> { self.positions.keys }
}

extension Catalog {
    /// True for schemas that belong to neither the server nor Millwright; expects `pg_namespace AS n`.
    static let isUserSchema: SQL = """
        n.nspname NOT IN ('pg_catalog', 'information_schema', 'millwright') AND n.nspname !~ '^pg_(toast|temp)'
        """

    static func read(from inspection: Inspection) async throws -> Catalog {
        let version = inspection.server.versionNumber
        let setting = try await inspection.query(
            """
            /* millwright:catalog-settings */
            SELECT pg_catalog.current_setting('track_commit_timestamp')::boolean,
                   pg_catalog.current_setting('block_size')::bigint
            """
        )
        var cursor = RowCursor(setting[0])
        let tracksCommits = try cursor.next(Bool.self)
        let blockSize = try cursor.next(Int.self)
        return Catalog(
            indexes: try await inspection.query(CatalogIndex.sql(version: version, tracksCommits: tracksCommits))
                .values(),
            tables: try await inspection.query(CatalogTable.sql).values(),
            foreignKeys: try await inspection.query(ForeignKey.sql(version: version)).values(),
            blockSize: blockSize
        )
    }
}
