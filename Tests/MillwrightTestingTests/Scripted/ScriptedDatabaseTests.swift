// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("A scripted database")
struct ScriptedDatabaseTests {
    @Test("Answers rows that the driver decodes, by place and by name")
    func rows() async throws {
        let database = ScriptedDatabase(
            rows: [["ä 😀", 1, 2.5, true], [nil, -2, nil, false]],
            columns: ["name", "number"]
        )

        let decoded = try await database.query("SELECT", as: (String?, Int, Double?, Bool).self)
        let rows = try await database.query("SELECT")

        #expect(decoded.map(\.0) == ["ä 😀", nil])
        #expect(decoded.map(\.1) == [1, -2])
        #expect(decoded.map(\.2) == [2.5, nil])
        #expect(decoded.map(\.3) == [true, false])
        #expect(rows.columns == ["name", "number", "column3", "column4"])
        #expect(try rows[0].get("number", as: Int.self) == 1)
    }

    @Test("Keeps what it was asked, with the values")
    func statements() async throws {
        let database = ScriptedDatabase(rows: [])

        _ = try await database.query("SELECT \(1), \("two")")

        #expect(database.statements == ["SELECT \(1), \("two")"])
        #expect(database.statements.first?.text == "SELECT $1, $2")
    }

    @Test("Gives its answers in order, then says that the script is over")
    func order() async throws {
        let database = ScriptedDatabase([
            .affected(3), .error(PostgresError(.queryFailed, sqlState: "40P01")), .rows([["last"]]),
        ])

        #expect(try await database.execute("DELETE") == 3)
        #expect(await #expect(throws: PostgresError.self) { try await database.query("A") }?.sqlState == "40P01")
        #expect(try await database.query("B", as: String.self) == ["last"])
        #expect(await #expect(throws: PostgresError.self) { try await database.query("C") }?.code == .usage)
    }

    @Test("Answers by what is asked")
    func byStatement() async throws {
        let database = ScriptedDatabase { sql in sql.text.contains("pg_class") ? .rows([[1], [2]]) : .affected(0) }

        #expect(try await database.query("SELECT oid FROM pg_class").count == 2)
        #expect(try await database.query("SELECT 1").isEmpty)
    }

    @Test("Answers nothing to a task that is cancelled")
    func cancelled() async {
        let database = ScriptedDatabase(rows: [[1]])
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await database.query("SELECT 1").count
        }

        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(database.statements.isEmpty)
    }
}
