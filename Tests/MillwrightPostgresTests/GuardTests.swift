// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("Session guards", .serialized, .timeLimit(.minutes(1)))
struct GuardTests {
    private static let all = PostgresGuards(
        statementTimeout: .seconds(90),
        lockTimeout: .milliseconds(1_500),
        idleInTransactionTimeout: .seconds(60),
        isReadOnly: true,
        searchPath: ["Odd \"schema\" \\ 'x'", "Other"]
    )

    private func settings(_ connection: PostgresConnection) async throws -> [String] {
        var values: [String] = []
        for name in ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path"] {
            values += try await connection.query("SHOW \(identifier: name)", as: String.self)
        }
        return values + (try await connection.query("SHOW transaction_read_only", as: String.self))
    }

    private static let shown = ["90s", "1500ms", "1min", #""Odd ""schema"" \ 'x'", "Other""#, "on"]

    @Test("What the configuration asks for holds in the session, beside the options of the connection string")
    func configured() async throws {
        var configuration = try await testConfiguration()
        configuration.guards = Self.all
        let text = configuration.url.reveal()
        let separator = text.contains("?") ? "&" : "?"
        var other = testConfiguration(text + separator + "options=-c%20work_mem%3D5MB")
        other.guards = Self.all
        let connection = try await PostgresConnection.connect(other)

        #expect(try await self.settings(connection) == Self.shown)
        #expect(try await connection.query("SHOW work_mem", as: String.self) == ["5MB"])
        #expect(try await !connection.server().isBehindPooler)
        await connection.close()
    }

    @Test("Scoped guards hold as long as the scope, and what was before comes back however it ends")
    func scoped() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())
        let before = try await self.settings(connection)
        struct Failed: Error {}

        let within = try await connection.withGuards(Self.all) { connection in try await self.settings(connection) }
        let after = try await self.settings(connection)
        await #expect(throws: Failed.self) {
            try await connection.withGuards(Self.all) { _ in throw Failed() }
        }
        let cancelled = Task {
            try await connection.withGuards(Self.all) { connection in
                _ = try await connection.query("SELECT pg_sleep(30)")
            }
        }
        while await connection.isUsable { await Task.yield() }
        cancelled.cancel()
        _ = try? await cancelled.value

        #expect(within == Self.shown)
        #expect(after == before)
        #expect(try await self.settings(connection) == before)
        await connection.close()
    }

    @Test("Scoped guards in a transaction end with their scope, and a failed transaction puts its own back")
    func scopedInTransaction() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())
        let before = try await self.settings(connection)
        let guards = PostgresGuards(lockTimeout: .milliseconds(1_500))

        let (within, after) = try await connection.withTransaction { connection in
            let within = try await connection.withGuards(guards) {
                try await $0.query("SHOW lock_timeout", as: String.self)
            }
            return (within, try await self.settings(connection))
        }
        await #expect(throws: PostgresError.self) {
            try await connection.withTransaction { connection in
                try await connection.withGuards(guards) { _ = try await $0.query("SELECT 1 / 0") }
            }
        }

        #expect(within == ["1500ms"])
        #expect(after == before)
        #expect(try await self.settings(connection) == before)
        await connection.close()
    }

    @Test("A transaction's options reach the server, and end with it")
    func transaction() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())
        let before = try await self.settings(connection)
        let options = PostgresTransactionOptions(
            isolation: .serializable,
            isReadOnly: true,
            isDeferrable: true,
            guards: Self.all
        )

        let within = try await connection.withTransaction(options) { connection in
            let modes = try await connection.query(
                "SELECT current_setting('transaction_isolation'), current_setting('transaction_deferrable')",
                as: (String, String).self
            )
            return (try await self.settings(connection), modes[0])
        }

        #expect(within.0 == Self.shown)
        #expect(within.1 == ("serializable", "on"))
        #expect(try await self.settings(connection) == before)
        await connection.close()
    }

    @Test("A transaction in which a statement failed is not committed, although its body caught the error")
    func failedCommit() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())

        let error = await #expect(throws: PostgresError.self) {
            try await connection.withTransaction { connection in
                _ = try? await connection.query("SELECT 1 / 0")
            }
        }

        #expect(error?.sqlState == "25P02")
        #expect(await !connection.isInTransaction)
        #expect(await connection.isUsable)
        await connection.close()
    }

    @Test("The server ends a wait for a lock by itself, and says so")
    func lockTimeout() async throws {
        try await TestServers.shared().withSchema { connection, schema in
            try await connection.execute("CREATE TABLE locked (id int)")
            let holder = try await PostgresConnection.connect(connection.configuration)
            try await holder.run(script: "BEGIN; LOCK TABLE \(Conninfo.quoted(schema)).locked")

            let error = await #expect(throws: PostgresError.self) {
                try await connection.withGuards(PostgresGuards(lockTimeout: .milliseconds(20))) { connection in
                    _ = try await connection.query("SELECT * FROM locked")
                }
            }

            #expect(error?.isLockTimeout == true)
            await holder.close()
        }
    }

    @Test(
        "Behind a pooler that swallows them, the guards hold in each transaction, and elsewhere it is said that they do not"
    )
    func pooler() async throws {
        var plan = SandboxPlan.postgresOnly
        plan.pgbouncer = true
        let servers = try await TestServers.private(plan)
        var configuration = testConfiguration(try #require(servers.state.pgbouncerURL))
        configuration.guards = PostgresGuards(lockTimeout: .milliseconds(1_500), isReadOnly: true)
        let connection = try await PostgresConnection.connect(configuration)

        let within = try await connection.withTransaction { connection in
            try await connection.query(
                "SELECT current_setting('lock_timeout'), current_setting('transaction_read_only')",
                as: (String, String).self
            )[0]
        }
        let outside = try await connection.query("SHOW lock_timeout", as: String.self)
        let error = await #expect(throws: PostgresError.self) { try await connection.withGuards(Self.all) { _ in } }

        #expect(within == ("1500ms", "on"))
        #expect(outside == ["0"])
        #expect(try await connection.server().isBehindPooler)
        #expect(error?.code == .usage)
        await connection.close()
        try await servers.remove()
    }

    @Test("The statements that begin a transaction say what was asked for, and no more")
    func beginning() {
        let local = PostgresGuards(lockTimeout: .milliseconds(5), searchPath: ["a b"])
        let session = PostgresGuards(statementTimeout: .seconds(1), lockTimeout: .seconds(9), isReadOnly: true)

        #expect(PostgresTransactionOptions().beginning() == "BEGIN")
        #expect(PostgresTransactionOptions.readOnly.beginning() == "BEGIN READ ONLY")
        #expect(
            PostgresTransactionOptions(isolation: .repeatableRead, guards: local).beginning(sessionGuards: session)
                == """
                BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = '1000'; \
                SET LOCAL lock_timeout = '5'; SET LOCAL search_path = "a b"
                """
        )
        #expect(PostgresGuards(lockTimeout: .nanoseconds(1)).connectionOptions == "-c lock_timeout=1")
        #expect(PostgresGuards(lockTimeout: .seconds(1e18)).connectionOptions == "-c lock_timeout=2147483647")
        #expect(PostgresGuards(searchPath: ["a b\\"]).connectionOptions == #"-c search_path="a\ b\\""#)
    }
}
