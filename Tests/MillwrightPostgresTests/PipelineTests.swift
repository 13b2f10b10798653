// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Pipelines", .timeLimit(.minutes(1)))
struct PipelineTests {
    let configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    @Test("A thousand statements come back in their order, with their own values")
    func inOrder() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let answers = try await connection.query(batch: (0..<1_000).map { "SELECT \($0)::int8, \("text \($0)")" })

        let numbers = try answers.map { try $0.get()[0].get(0, as: Int.self) }
        #expect(numbers == Array(0..<1_000))
        #expect(try answers[999].get()[0].get(1, as: String.self) == "text 999")
        #expect(try await connection.query("SELECT 1", as: Int.self) == [1])
        await connection.close()
    }

    @Test("An empty batch needs no server")
    func empty() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        #expect(try await connection.query(batch: []).isEmpty)

        await connection.close()
    }

    @Test("An error stops what comes after it, and undoes what came before")
    func errorInTheMiddle() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE kept (id int)")

        let answers = try await connection.query(batch: [
            "INSERT INTO kept VALUES (1)", "SELECT 1 / 0", "INSERT INTO kept VALUES (2)",
        ])

        #expect(try answers[0].get().affectedRows == 1)
        #expect(throws: PostgresError.self) { try answers[1].get() }
        #expect(self.code(of: answers[1]) == .queryFailed)
        #expect(self.code(of: answers[2]) == .notRun)
        #expect(try await connection.query("SELECT count(*) FROM kept", as: Int.self) == [0])
        await connection.close()
    }

    @Test("Statements that stand by themselves survive the error of another")
    func independent() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        try await connection.run(script: "CREATE TEMP TABLE kept (id int)")

        let answers = try await connection.query(
            batch: ["INSERT INTO kept VALUES (1)", "SELECT 1 / 0", "INSERT INTO kept VALUES (2)"],
            independently: true
        )

        #expect(answers.map { self.code(of: $0) } == [nil, .queryFailed, nil])
        #expect(try await connection.query("SELECT count(*) FROM kept", as: Int.self) == [2])
        await connection.close()
    }

    @Test("Both directions full at once is no deadlock, and loses no statement", arguments: [false, true])
    func bothDirectionsFull(independently: Bool) async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let long = String(repeating: "x", count: 100_000)

        let answers = try await connection.query(
            batch: (0..<300).map { _ in "SELECT \(long) || \(long)" },
            independently: independently
        )

        let lengths = try answers.map { try $0.get()[0].get(0, as: String.self).utf8.count }
        #expect(lengths == Array(repeating: 200_000, count: 300))
        await connection.close()
    }

    @Test("A batch past its deadline is cancelled, and the connection stays good", arguments: [false, true])
    func deadline(independently: Bool) async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query(
                batch: ["SELECT 1", "SELECT pg_sleep(30)", "SELECT 2"],
                independently: independently,
                timeout: .milliseconds(100)
            )
        }

        #expect(error?.code == .timedOut)
        #expect(try await connection.query("SELECT 3", as: Int.self) == [3])
        await connection.close()
    }

    @Test("A cancellation at any moment of a batch strikes no other statement")
    func cancellationRaces() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        for round in 0..<300 {
            let task = Task { try await connection.query(batch: (0..<50).map { "SELECT \($0 + round)::int8" }) }
            for _ in 0..<(round % 50) { await Task.yield() }
            task.cancel()
            if case .success(let answers) = await task.result {
                #expect(try answers.map { try $0.get()[0].get(0, as: Int.self) } == Array(round..<(50 + round)))
            }
            #expect(try await connection.query("SELECT \(-round)::int8", as: Int.self) == [-round])
        }

        await connection.close()
    }

    @Test("A session that is ended in the middle of a batch says so, and the connection is given up")
    func terminated() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query(batch: [
                "SELECT 1", "SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 2",
            ])
        }

        #expect(error?.sqlState == "57P01")
        #expect(await !connection.isUsable)
        await connection.close()
    }

    @Test("A server that is killed in the middle of a batch ends it with an error")
    func killed() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        let connection = try await PostgresConnection.connect(PostgresConfiguration(servers.superuserURL))
        let postgres = servers.server("postgres")
        let batch = Task {
            try await connection.query(batch: ["SELECT 1", "SELECT pg_sleep(30)", "SELECT 2"], timeout: .seconds(20))
        }
        while await connection.isUsable { await Task.yield() }

        try await postgres.kill()

        let error = await #expect(throws: PostgresError.self) { try await batch.value }
        #expect([.connectionLost, .queryFailed].contains(error?.code))
        #expect(await !connection.isUsable)
        try await servers.remove()
    }

    @Test("A COPY in a batch is refused, and the connection given up")
    func copy() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query(batch: ["SELECT 1", "COPY (SELECT 1) TO STDOUT"])
        }

        #expect(error?.code == .usage)
        #expect(await !connection.isUsable)
        await connection.close()
    }

    private func code(of outcome: Result<Rows, PostgresError>) -> PostgresError.Code? {
        if case .failure(let error) = outcome { error.code } else { nil }
    }
}
