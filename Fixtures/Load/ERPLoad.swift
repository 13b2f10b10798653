// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

/// One load, phase after phase.
///
/// Each phase has a connection of its own: a session reports its counts to the statistics when it ends, and counts that
/// arrive after a VACUUM would make a clean table look dirty.
struct ERPLoad: Sendable {
    let options: ERP.LoadOptions
    let configuration: PostgresConfiguration
    let progress: @Sendable (LoadProgress) -> Void

    /// Runs the load; `nil` where there was nothing to do.
    func run() async throws -> Int? {
        var dropping: [String] = []
        switch try await self.existing().decision(for: self.options) {
        case .keep: return nil
        case .load(let tables): dropping = tables
        }
        let rows = try await self.session { try await self.copyAll(on: $0, dropping: dropping) }
        try await self.session("Removing archived tasks", at: 0.5) { try await $0.execute("VACUUM tasks") }
        try await self.session { try await self.buildIndexes(on: $0) }
        for fault in ERP.seededFaults where fault.moment == .beforeVacuum { try await self.seed(fault) }
        for fault in ERP.seededFaults where fault.moment == .interruptedBuild { try await self.interrupt(fault) }
        try await self.session("Vacuuming", at: 0.9) { connection in
            for table in ERP.tables { try await connection.execute("VACUUM (ANALYZE) \(identifier: table)") }
        }
        for fault in ERP.seededFaults where fault.moment == .afterVacuum { try await self.seed(fault) }
        try await self.session("Finished", at: 1) { try await self.mark(on: $0, isComplete: true) }
        return rows
    }

    // MARK: - Sessions

    private func existing() async throws -> ExistingTables {
        try await self.session { connection in
            let rows = try await connection.query(
                """
                /* millwright:fixture-tables */
                SELECT c.relname::text, obj_description(c.oid, 'pg_class')
                FROM pg_catalog.pg_class AS c
                JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = \(self.options.schema) AND c.relname = ANY (\(ERP.tables)::text[])
                ORDER BY c.relname
                """,
                as: (String, String?).self
            )
            return ExistingTables(tables: rows.map { (name: $0.0, comment: $0.1) })
        }
    }

    /// Lends a connection that finds our tables first, and lets its counts arrive before it ends.
    @discardableResult
    func session<Value: Sendable>(
        _ step: String? = nil,
        at share: Double = 0,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        if let step { self.tell(step, share: share) }
        let connection = try await PostgresConnection.connect(self.configuration)
        do {
            let path = "\(Self.quoted(self.options.schema)), public"
            try await connection.execute("SELECT set_config('search_path', \(path), false)")
            let value = try await body(connection)
            // PostgreSQL 15 reports at once when asked to; before, a session reports at most twice a second.
            let isNew = try await connection.server().versionNumber >= 150_000
            try await connection.execute(isNew ? "SELECT pg_stat_force_next_flush()" : "SELECT pg_sleep(1.2)")
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private func tell(_ step: String, rows: Int = 0, of expected: Int = 0, share: Double) {
        self.progress(LoadProgress(step: step, rows: rows, expectedRows: expected, share: share))
    }

    // MARK: - Rows

    /// Makes the tables and fills them, all in one transaction: a load that is stopped leaves nothing behind.
    ///
    /// A table that is filled in the transaction that made it can be filled frozen, and needs no second pass.
    private func copyAll(on connection: PostgresConnection, dropping: [String]) async throws -> Int {
        let world = World(volume: Volume(scale: self.options.scale), seed: self.options.seed)
        let archived = ArchivedTasks(world: world)
        let tables = ERP.rows(world)
        let all = tables.map(\.expectedRows).reduce(archived.expectedRows, +)
        return try await connection.withTransaction { connection in
            try await self.makeTables(on: connection, dropping: dropping)
            var rows = 0
            for table in tables {
                rows += try await self.copy(table, as: table.name, on: connection, before: rows, of: all)
            }
            // This index lives through the coming and going of the archived tasks; all others are built after it.
            try await connection.execute("CREATE INDEX tasks_updated_idx ON tasks (updated)")
            _ = try await self.copy(archived, as: "archived tasks", on: connection, before: rows, of: all)
            try await connection.execute("DELETE FROM tasks WHERE id < 0")
            return rows
        }
    }

    private func makeTables(on connection: PostgresConnection, dropping: [String]) async throws {
        if !dropping.isEmpty {
            let names = dropping.map { SQL.identifier($0) }
            try await connection.execute("DROP TABLE \(SQL.joined(names, separator: ", "))")
        }
        try await connection.execute("CREATE SCHEMA IF NOT EXISTS \(identifier: self.options.schema)")
        try await connection.run(script: String(decoding: PackageResources.erp_schema_sql, as: UTF8.self))
        try await self.mark(on: connection, isComplete: false)
    }

    private func copy(
        _ table: some GeneratedTable,
        as step: String,
        on connection: PostgresConnection,
        before: Int,
        of all: Int
    ) async throws -> Int {
        let feed = TableFeed(table)
        let expected = table.expectedRows
        try await connection.copyIn("COPY \(identifier: table.name) FROM STDIN WITH (FREEZE)") {
            let chunk = feed.next()
            self.tell(
                step,
                rows: feed.rows,
                of: expected,
                share: 0.5 * Double(before + feed.rows) / Double(max(1, all))
            )
            return chunk
        }
        return feed.rows
    }

    private func mark(on connection: PostgresConnection, isComplete: Bool) async throws {
        let mark = LoadMark(scale: self.options.scale, seed: self.options.seed, isComplete: isComplete)
        for table in ERP.tables {
            // COMMENT takes no bound value; the text is made of our own words and two numbers.
            try await connection.execute("COMMENT ON TABLE \(identifier: table) IS \(SQL(unsafe: "'\(mark.text)'"))")
        }
    }

    // MARK: - Indexes and faults

    private func buildIndexes(on connection: PostgresConnection) async throws {
        let script = String(decoding: PackageResources.erp_indexes_sql, as: UTF8.self)
        let statements = Self.statements(of: script)
        try await connection.withTransaction { connection in
            try await connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
            for (number, statement) in statements.enumerated() {
                self.tell("Building indexes", share: 0.5 + 0.35 * Double(number) / Double(statements.count))
                try await connection.run(script: statement)
            }
        }
    }

    /// Cuts our own file, in which a semicolon at the end of a line ends a statement.
    static func statements(of script: String) -> [String] {
        var statements = [""]
        for line in script.split(separator: "\n") {
            statements[statements.count - 1] += "\(line)\n"
            if line.hasSuffix(";") { statements.append("") }
        }
        return statements.filter { $0.contains(";") }
    }

    private func seed(_ fault: SeededFault) async throws {
        for statement in fault.statements {
            try await self.session("Seeding faults", at: fault.moment == .beforeVacuum ? 0.87 : 0.97) { connection in
                do {
                    try await connection.run(script: statement)
                } catch let error as PostgresError where error.sqlState == fault.expectedState {
                    // A build that fails is how the invalid index comes about.
                }
            }
        }
    }
}
