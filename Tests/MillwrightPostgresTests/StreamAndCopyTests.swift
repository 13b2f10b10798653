// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import Testing

@Suite("Streaming and COPY", .timeLimit(.minutes(1)))
struct StreamAndCopyTests {
    struct Enough: Error {}
    let configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    @Test("Every row is handed over once, in order")
    func stream() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        var next = 1
        var isInOrder = true

        let count = try await connection.stream("SELECT g, repeat('x', 100) FROM generate_series(1, 200000) AS g") {
            row in
            isInOrder =
                try isInOrder && row.get(0, as: Int.self) == next && row.get(1, as: String.self).utf8.count == 100
            next += 1
        }

        #expect(count == 200_000)
        #expect(isInOrder)
        await connection.close()
    }

    @Test("A reader that has enough ends the statement, and the connection stays good")
    func streamStopped() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        var seen = 0

        await #expect(throws: Enough.self) {
            try await connection.stream("SELECT generate_series(1, 100000000)") { _ in
                seen += 1
                if seen == 1_000 { throw Enough() }
            }
        }

        #expect(seen == 1_000)
        #expect(try await connection.query("SELECT 4", as: Int.self) == [4])
        await connection.close()
    }

    @Test("An error in the middle of the rows is thrown after the rows before it")
    func streamError() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        var seen = 0

        let error = await #expect(throws: PostgresError.self) {
            try await connection.stream("SELECT 1 / (5000 - g) FROM generate_series(1, 10000) AS g") { _ in seen += 1 }
        }

        #expect(error?.sqlState == "22012")
        #expect(seen == 4_999)
        #expect(await connection.isUsable)
        await connection.close()
    }

    @Test("COPY takes chunks cut anywhere, and gives the same rows back")
    func copy() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE copied (id int, name text)")
        let text = (1...100_000).map { "\($0)\trow \($0)\n" }.joined()
        var rest = Array(text.utf8)[...]

        let sent = try await connection.copyIn("COPY copied FROM STDIN") {
            let chunk = rest.prefix(7_777)
            rest = rest.dropFirst(7_777)
            return chunk.isEmpty ? nil : Array(chunk)
        }
        var received: [UInt8] = []
        let count = try await connection.copyOut("COPY (SELECT * FROM copied ORDER BY id) TO STDOUT") { received += $0 }

        #expect(sent == 100_000)
        #expect(count == 100_000)
        #expect(received == Array(text.utf8))
        await connection.close()
    }

    @Test("A bad row in a COPY, or a source that fails, leaves no row and a good connection")
    func copyFails() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE copied (id int)")
        var chunks = ["1\n2\n", "three\n", "4\n"].map { Array($0.utf8) }

        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyIn("COPY copied FROM STDIN") { chunks.isEmpty ? nil : chunks.removeFirst() }
        }
        var asked = 0
        await #expect(throws: Enough.self) {
            try await connection.copyIn("COPY copied FROM STDIN") {
                asked += 1
                if asked == 3 { throw Enough() }
                return Array("5\n".utf8)
            }
        }

        #expect(error?.sqlState == "22P02")
        #expect(try await connection.query("SELECT count(*) FROM copied", as: Int.self) == [0])
        await connection.close()
    }

    /// A connection with a table whose COPY says that it waits for rows, and then waits itself before it reads the first.
    private func connectionWithSlowTable(seconds: Double) async throws -> PostgresConnection {
        var configuration = self.configuration
        configuration.cancelGrace = .seconds(20)
        let connection = try await PostgresConnection.connect(configuration)
        try await connection.run(
            script: """
                CREATE TEMP TABLE slow (id int);
                CREATE FUNCTION pg_temp.wait() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_sleep(\(seconds)); RETURN NULL; END';
                CREATE TRIGGER wait BEFORE INSERT ON slow EXECUTE FUNCTION pg_temp.wait();
                """
        )
        return connection
    }

    @Test("A COPY that is cancelled before the server reads its rows leaves nothing for the next statement")
    func copyCancelledEarly() async throws {
        let connection = try await self.connectionWithSlowTable(seconds: 60)

        for _ in 0..<10 {
            let copy = Task {
                try await connection.copyIn("COPY slow FROM STDIN") {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await Task.sleep(for: .seconds(60))
                    return nil
                }
            }
            await #expect(throws: CancellationError.self) { try await copy.value }

            #expect(try await connection.query("SELECT 7", as: Int.self) == [7])
            #expect(try await connection.query("SELECT 8", as: Int.self) == [8])
        }
        await connection.close()
    }

    @Test(
        "A COPY asked for as a query is given up without a cancel request, which would strike before its rows are read"
    )
    func copyAsQueryWithoutCancel() async throws {
        let connection = try await self.connectionWithSlowTable(seconds: 0.2)

        for _ in 0..<3 {
            let error = await #expect(throws: PostgresError.self) { try await connection.query("COPY slow FROM STDIN") }
            #expect(error?.code == .usage)
            #expect(try await connection.query("SELECT 9", as: Int.self) == [9])
        }
        await connection.close()
    }

    @Test("A COPY with a value in it, or with another behind it, is refused, and the connection stays good")
    func copyMisused() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE copied (id int)")

        let bound = await #expect(throws: PostgresError.self) {
            try await connection.copyOut("COPY (SELECT \(1)::int) TO STDOUT") { _ in }
        }
        let two = await #expect(throws: PostgresError.self) {
            try await connection.copyIn("COPY copied FROM STDIN; COPY copied FROM STDIN") { nil }
        }

        #expect(bound?.code == .usage)
        #expect(two?.code == .usage)
        #expect(try await connection.query("SELECT count(*) FROM copied", as: Int.self) == [0])
        await connection.close()
    }

    @Test("A reader of a COPY that has enough ends it, and the connection stays good")
    func copyOutStopped() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        await #expect(throws: Enough.self) {
            try await connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in throw Enough()
            }
        }

        #expect(try await connection.query("SELECT 5", as: Int.self) == [5])
        await connection.close()
    }

    @Test("A COPY asked for as a query is refused, and the connection stays good")
    func copyAsQuery() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        for statement: SQL in ["COPY (SELECT 1) TO STDOUT", "COPY pg_class FROM STDIN"] {
            await #expect(throws: PostgresError.self) { try await connection.query(statement) }
        }

        #expect(try await connection.query("SELECT 6", as: Int.self) == [6])
        await connection.close()
    }
}
