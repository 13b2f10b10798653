// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Prepared statements, decided")
struct PreparedStatementsTests {
    @Test("Without a limit above 0 nothing is kept")
    func off() {
        var prepared = PreparedStatements(limit: 0)

        #expect(prepared.plan("SELECT 1") == .unnamed)
        #expect(prepared.plan("SELECT 1") == .unnamed)
    }

    @Test("The second use runs what the first one prepared")
    func reuse() {
        var prepared = PreparedStatements(limit: 2)

        #expect(prepared.plan("SELECT 1") == .prepare(name: "millwright_1"))
        #expect(prepared.plan("SELECT 1") == .run(name: "millwright_1"))
    }

    @Test("The least recently used goes first")
    func eviction() {
        var prepared = PreparedStatements(limit: 2)
        ["a", "b", "a"].forEach { _ = prepared.plan($0) }

        #expect(prepared.plan("c") == .prepare(name: "millwright_3"))
        #expect(prepared.plan("a") == .run(name: "millwright_1"))
        #expect(prepared.takeSurplus() == ["millwright_2"])
        #expect(prepared.takeSurplus() == [])
    }

    @Test("What is forgotten is prepared anew under another name")
    func forgotten() {
        var prepared = PreparedStatements(limit: 2)
        ["a", "b"].forEach { _ = prepared.plan($0) }

        prepared.forget("millwright_1")

        #expect(prepared.plan("a") == .prepare(name: "millwright_3"))
        #expect(prepared.plan("b") == .run(name: "millwright_2"))
    }
}

@Suite("Prepared statements", .timeLimit(.minutes(1)))
struct PreparedStatementTests {
    var configuration: PostgresConfiguration

    init() async throws {
        self.configuration = try await testConfiguration()
        self.configuration.preparedStatements = 2
    }

    private func names(_ connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            "SELECT name FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared%' ORDER BY name",
            as: String.self
        )
    }

    @Test("A statement asked for again is parsed once, and gives each value its own answer")
    func reused() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        for number in 0..<5 {
            #expect(try await connection.query("SELECT \(number)::int8 * 2", as: Int.self) == [number * 2])
        }

        #expect(try await self.names(connection).count == 1)
        await connection.close()
    }

    @Test("No more are kept than asked for")
    func bounded() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        for number in 0..<10 { _ = try await connection.query(SQL(unsafe: "SELECT \(number)")) }

        #expect(try await self.names(connection).count <= 2)
        await connection.close()
    }

    @Test("In a transaction that failed a new statement can be its end, although an old one has to go for it")
    func evictionInFailedTransaction() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        for sql: SQL in ["BEGIN", "SAVEPOINT here", "SELECT 1"] { _ = try await connection.query(sql) }
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1 / 0") }

        _ = try await connection.query("ROLLBACK TO SAVEPOINT here")
        #expect(try await connection.query("SELECT 7::int8", as: Int.self) == [7])
        _ = try await connection.query("COMMIT")
        for number in 0..<3 { _ = try await connection.query(SQL(unsafe: "SELECT \(number)")) }

        #expect(try await self.names(connection).count <= 2)
        await connection.close()
    }

    @Test("A statement that wants to be alone runs although an old one has to go for it")
    func evictionBesideVacuum() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        for number in 0..<2 { _ = try await connection.query(SQL(unsafe: "SELECT \(number)")) }

        _ = try await connection.query("VACUUM pg_catalog.pg_class")

        #expect(try await connection.query("SELECT 7::int8", as: Int.self) == [7])
        await connection.close()
    }

    @Test("A plan whose table has changed is parsed anew")
    func changedTable() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE changing (id int); INSERT INTO changing VALUES (1)")
        #expect(try await connection.query("SELECT * FROM changing")[0].columns == ["id"])

        try await connection.run(script: "ALTER TABLE changing ADD COLUMN name text")

        #expect(try await connection.query("SELECT * FROM changing")[0].columns == ["id", "name"])
        await connection.close()
    }

    @Test("In a transaction a plan that is stale is an error, and is parsed anew after it")
    func staleInTransaction() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE changing (id int); INSERT INTO changing VALUES (1)")
        _ = try await connection.query("SELECT * FROM changing")
        try await connection.run(script: "BEGIN; ALTER TABLE changing ADD COLUMN name text")

        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT * FROM changing") }
        try await connection.run(script: "ROLLBACK; ALTER TABLE changing ADD COLUMN name text")

        #expect(error?.sqlState == "0A000")
        #expect(try await connection.query("SELECT * FROM changing")[0].columns == ["id", "name"])
        await connection.close()
    }

    @Test("After DISCARD ALL they are parsed anew", arguments: ["DISCARD ALL", "DEALLOCATE ALL"])
    func discarded(command: String) async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let batch: [SQL] = ["SELECT 7::int8", "SELECT 8::int8"]
        _ = try await connection.query(batch: batch)

        try await connection.run(script: command)

        let answers = try await connection.query(batch: batch)
        #expect(try answers.map { try $0.get()[0].get(0, as: Int.self) } == [7, 8])
        await connection.close()
    }

    @Test("What was lost without a word is parsed anew as well")
    func deallocated() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        #expect(try await connection.query("SELECT 9::int8", as: Int.self) == [9])

        try await connection.run(script: "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")

        #expect(try await connection.query("SELECT 9::int8", as: Int.self) == [9])
        await connection.close()
    }

    @Test("A statement that cannot be parsed is not kept, and can be run once its table is there")
    func refused() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT * FROM later") }

        try await connection.run(script: "CREATE TEMP TABLE later (id int)")

        #expect(error?.sqlState == "42P01")
        #expect(try await connection.query("SELECT * FROM later").isEmpty)
        await connection.close()
    }

    @Test("A batch parses each of its statements once, and keeps no more than asked for")
    func batch() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let batch: [SQL] = (0..<30).map { number in
            switch number % 3 {
            case 0: "SELECT \(number)::int8"
            case 1: "SELECT 0 + \(number)::int8"
            default: "SELECT \(number)::int8 + 0"
            }
        }

        let answers = try await connection.query(batch: batch)

        #expect(try answers.map { try $0.get()[0].get(0, as: Int.self) } == Array(0..<30))
        #expect(try await self.names(connection).count <= 2)
        await connection.close()
    }
}
