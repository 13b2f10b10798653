// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("PostgreSQL errors", .serialized, .timeLimit(.minutes(1)))
struct ErrorTests {
    @Test("A violated constraint names itself, its table and its schema, and is not an outage")
    func constraint() async throws {
        try await TestServers.shared().withSchema { connection, schema in
            try await connection.run(
                script: "CREATE TABLE price (amount int CONSTRAINT positive CHECK (amount > 0), name text NOT NULL)"
            )

            let check = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO price VALUES (-1, 'x')")
            }
            let null = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO price VALUES (1, NULL)")
            }

            #expect(check?.constraint == "positive")
            #expect([check?.schema, check?.table] == [schema, "price"])
            #expect(check?.isConstraint == true)
            #expect(null?.column == "name")
            #expect(null?.isConstraint == true)
            for error in [check, null] {
                #expect(error?.isOutage == false)
                #expect(error?.isRetryable == false)
                #expect(error?.mayHaveRun == false)
                #expect(error?.description.contains("price") == false)
            }
        }
    }

    @Test("A syntax error says where it is, a bad value which type it is not")
    func position() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())

        let syntax = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1 FORM x") }

        #expect(syntax?.sqlState == "42601")
        #expect(syntax?.position == 15)
        await connection.close()
    }

    @Test("A role without a privilege is told so")
    func privilege() async throws {
        let url = try await TestServers.shared().unprivilegedURL
        let connection = try await PostgresConnection.connect(testConfiguration(url))

        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT * FROM pg_authid") }

        #expect(error?.isPrivilege == true)
        #expect(error?.isAuthentication == false)
        await connection.close()
    }

    @Test("Two transactions that cannot both be serialized: the later is retryable, and succeeds when it is run again")
    func serialization() async throws {
        try await TestServers.shared().withSchema { connection, schema in
            try await connection.execute("CREATE TABLE counter AS SELECT 1 AS value")
            let other = try await PostgresConnection.connect(connection.configuration)
            try await other.execute("SET search_path TO \(identifier: schema)")
            let serializable = PostgresTransactionOptions(isolation: .repeatableRead)

            let error = await #expect(throws: PostgresError.self) {
                try await other.withTransaction(serializable) { other in
                    _ = try await other.query("SELECT value FROM counter")
                    try await connection.execute("UPDATE counter SET value = value + 1")
                    try await other.execute("UPDATE counter SET value = value + 10")
                }
            }
            try await other.withTransaction(serializable) {
                _ = try await $0.execute("UPDATE counter SET value = value + 10")
            }

            #expect(error?.isRetryable == true)
            #expect(error?.mayHaveRun == false)
            #expect(try await connection.query("SELECT value FROM counter", as: Int.self) == [12])
            await other.close()
        }
    }

    @Test("A statement whose cancelling was confirmed has not run; one whose answer was lost may have")
    func mayHaveRun() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())
        let late = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(30)", timeout: .milliseconds(50))
        }
        let lost = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(30)")
        }
        let killed = try await PostgresConnection.connect(connection.configuration)
        let ending = Task { try await killed.query("SELECT pg_sleep(30)") }
        while await killed.isUsable { await Task.yield() }
        await killed.close()
        let unanswered = await #expect(throws: PostgresError.self) { try await ending.value }
        let after = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }

        #expect(late?.code == .timedOut)
        #expect(late?.mayHaveRun == false)
        #expect(lost?.isOutage == true)
        #expect(lost?.mayHaveRun == false)  // the server said that it ended the statement
        #expect(unanswered?.code == .closed)
        #expect(unanswered?.mayHaveRun == true)
        #expect(after?.mayHaveRun == false)
        await connection.close()
    }

    @Test("A statement that a frozen server never answered may have run")
    func unanswered() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        var configuration = PostgresConfiguration(servers.superuserURL)
        configuration.cancelGrace = .milliseconds(200)
        let connection = try await PostgresConnection.connect(configuration)
        let postgres = servers.server("postgres")
        try await postgres.stop()

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 1", timeout: .milliseconds(200))
        }
        try await postgres.continue()

        #expect(error?.code == .timedOut)
        #expect(error?.mayHaveRun == true)
        try await servers.remove()
    }

    @Test(
        "The classes of SQLSTATE say what a caller can do",
        arguments: [
            ("40001", "retryable"), ("40P01", "retryable"), ("57P01", "outage"), ("57P03", "outage"),
            ("53300", "outage"),
            ("08006", "outage"), ("28P01", "authentication"), ("42501", "privilege"), ("23505", "constraint"),
            ("25006", "read-only"), ("55P03", "lock"), ("53100", "resources"), ("22012", ""), ("57014", ""),
        ]
    )
    func classes(sqlState: String, expected: String) {
        let error = PostgresError(.queryFailed, sqlState: sqlState)
        let found = [
            (error.isRetryable, "retryable"), (error.isOutage, "outage"), (error.isAuthentication, "authentication"),
            (error.isPrivilege, "privilege"), (error.isConstraint, "constraint"), (error.isReadOnly, "read-only"),
            (error.isLockTimeout, "lock"), (error.isResources && !error.isOutage, "resources"),
        ].filter(\.0).map(\.1)

        #expect(found == (expected.isEmpty ? [] : [expected]))
    }
}
