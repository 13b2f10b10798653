// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("PostgreSQL connection", .timeLimit(.minutes(1)))
struct ConnectionTests {
    let configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    @Test("Values are bound and come back as they went")
    func roundTrip() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let odd = "O'Brien \"x\" \\ $1 ☃ \n"
        let missing: String? = nil

        let rows = try await connection.query(
            "SELECT \(odd)::text, \(missing)::text, \(-7)::int8, \(2.5)::float8, \(true)::bool, \([odd, "b"])::text[]",
            as: (String, String?, Int, Double, Bool, [String]).self
        )

        #expect(rows.count == 1)
        #expect(rows[0].0 == odd)
        #expect(rows[0].1 == nil)
        #expect(rows[0].2 == -7)
        #expect(rows[0].3 == 2.5)
        #expect(rows[0].4)
        #expect(rows[0].5 == [odd, "b"])
        await connection.close()
    }

    @Test("More values than the protocol carries are refused before anything is sent", arguments: [0, 8])
    func tooManyValues(prepared: Int) async throws {
        var configuration = try await testConfiguration()
        configuration.preparedStatements = prepared
        let connection = try await PostgresConnection.connect(configuration)
        let values = SQL.joined((0..<65_536).map { "(\($0))" }, separator: ", ")

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT * FROM (VALUES \(values)) AS v")
        }

        #expect(error?.code == .usage)
        #expect(try await connection.query("SELECT 7::int8", as: Int.self) == [7])
        await connection.close()
    }

    @Test("A zero byte, behind which everything would be lost, is refused before anything is sent")
    func zeroBytes() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let value = "a\0b"
        let statements: [SQL] = [
            "SELECT \(1)::int, \(value)::text", "SELECT \(["x", value])::text[]", "SELECT 1 AS \(identifier: value)",
        ]

        for sql in statements {
            let single = await #expect(throws: PostgresError.self) { try await connection.query(sql) }
            let batch = await #expect(throws: PostgresError.self) {
                try await connection.query(batch: ["SELECT 1", sql])
            }
            let stream = await #expect(throws: PostgresError.self) { try await connection.stream(sql) { _ in } }

            #expect([single, batch, stream].map { $0?.code } == [.usage, .usage, .usage])
        }
        let error = await #expect(throws: PostgresError.self) { try await connection.query(statements[0]) }
        await #expect(throws: PostgresError.self) { try await connection.run(script: "SELECT 1;\0 SELECT 2") }

        #expect(error?.serverMessage?.contains("$2") == true)
        #expect(error?.serverMessage?.contains(value) == false)
        #expect(try await connection.query("SELECT \(Array(value.utf8))", as: [UInt8].self) == [Array(value.utf8)])
        await connection.close()
    }

    @Test("Binary results come as the server's own bytes, and say so")
    func binaryResults() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let rows = try await connection.query("SELECT \(258)::int4, 'text', NULL::int4", results: .binary)
        let cells = try (0..<3).map { try rows[0].cell($0) }

        #expect(cells.map(\.format) == [.binary, .binary, .binary])
        #expect(cells.map { $0.bytes.map(Array.init) } == [[0, 0, 1, 2], Array("text".utf8), nil])
        await connection.close()
    }

    @Test("A server's error carries its SQLSTATE, and its safe description no SQL")
    func serverError() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT secret_column FROM nowhere")
        }

        #expect(error?.sqlState == "42P01")
        #expect(error?.description.contains("nowhere") == false)
        #expect(error?.debugDescription.contains("nowhere") == true)
        #expect(await connection.isUsable)
        #expect(try await connection.query("SELECT 1", as: Int.self) == [1])
        await connection.close()
    }

    @Test("A statement past its deadline is cancelled, and the connection stays good")
    func deadline() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let clock = ContinuousClock()
        let start = clock.now

        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(30)", timeout: .milliseconds(100))
        }

        #expect(error?.code == .timedOut)
        #expect(clock.now - start < .seconds(5))
        #expect(try await connection.query("SELECT 2", as: Int.self) == [2])
        await connection.close()
    }

    @Test("A cancelled task ends its statement on the server, and the connection stays good")
    func cancellation() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let task = Task { try await connection.query("SELECT pg_sleep(30)") }
        let watcher = try await PostgresConnection.connect(self.configuration)
        let pid = await connection.backendPID
        while try await watcher.query("SELECT 1 FROM pg_stat_activity WHERE pid = \(pid) AND state = 'active'").isEmpty
        {}

        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await connection.query("SELECT 3", as: Int.self) == [3])
        await connection.close()
        await watcher.close()
    }

    @Test("A cancellation at any moment strikes no other statement", .timeLimit(.minutes(2)))
    func cancellationRaces() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        for round in 0..<1_000 {
            let task = Task { try await connection.query("SELECT \(round)::int8", as: Int.self) }
            for _ in 0..<(round % 50) { await Task.yield() }
            task.cancel()
            if case .success(let value) = await task.result { #expect(value == [round]) }
            #expect(try await connection.query("SELECT \(-round)::int8", as: Int.self) == [-round])
        }

        await connection.close()
    }

    @Test("A second statement at the same time is refused, and disturbs the first one not at all")
    func busy() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let holder = try await PostgresConnection.connect(self.configuration)
        let lock = Int(await connection.backendPID)
        _ = try await holder.query("SELECT pg_advisory_lock(20261121, \(lock)::int)")
        async let first = connection.query("SELECT 1 FROM pg_advisory_lock(20261121, \(lock)::int)", as: Int.self)
        while await connection.isUsable { try await Task.sleep(for: .milliseconds(1)) }

        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 2") }
        _ = try await holder.query("SELECT pg_advisory_unlock_all()")

        #expect(error?.code == .usage)
        #expect(try await first == [1])
        await holder.close()
        await connection.close()
    }

    @Test("Warnings are kept, so that a success that did nothing can be told from one that did")
    func notices() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        try await connection.run(script: "DO $$ BEGIN RAISE WARNING 'careful %', 1; END $$")

        let notices = await connection.takeNotices()
        #expect(notices.map(\.severity) == ["WARNING"])
        #expect(notices.map(\.message) == ["careful 1"])
        #expect(await connection.takeNotices().isEmpty)
        await connection.close()
    }

    @Test("A session that the server ends says so, and later statements fail at once")
    func terminated() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        let other = try await PostgresConnection.connect(self.configuration)
        let pid = await connection.backendPID
        let sleeping = Task { try await connection.query("SELECT pg_sleep(30)") }
        while await connection.isUsable { await Task.yield() }

        _ = try await other.query("SELECT pg_terminate_backend(\(pid))")

        let error = await #expect(throws: PostgresError.self) { try await sleeping.value }
        #expect(error?.sqlState == "57P01")
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(await !connection.isUsable)
        await connection.close()
        await other.close()
    }

    @Test(
        "A connection that cannot be made says why in words without secrets",
        arguments: [
            ("host=/nonexistent user=app password=hunter2", "no server socket"),
            ("postgres://app:hunter2@127.0.0.1:1/erp", "nothing listens"),
            ("postgres://app:hunter2@no-such-host.invalid/erp", "host name is unknown"),
            ("postgres://app:hunter2@[", "not understood"),
        ]
    )
    func refused(url: String, words: String) async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(PostgresConfiguration(url))
        }

        let description = try #require(error).description
        #expect(description.contains(words))
        #expect(!description.contains("hunter2"))
        #expect(!"\(String(reflecting: error))".contains("hunter2"))
    }

    @Test("A missing database carries the server's SQLSTATE")
    func missingDatabase() async throws {
        let text = self.configuration.url.reveal()
        let separator = text.contains("?") ? "&" : "?"
        let configuration = testConfiguration("\(text)\(separator)dbname=nowhere")

        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(configuration) }

        #expect(error?.sqlState == "3D000")
    }

    @Test("Session guards reach the server")
    func guards() async throws {
        var configuration = self.configuration
        configuration.guards.isReadOnly = true
        configuration.guards.lockTimeout = .milliseconds(1_500)
        configuration.applicationName = "millwright tests"
        let connection = try await PostgresConnection.connect(configuration)

        let rows = try await connection.query(
            """
            SELECT current_setting('default_transaction_read_only'), current_setting('lock_timeout'),
                   current_setting('application_name'), current_setting('client_encoding')
            """,
            as: (String, String, String, String).self
        )

        #expect(rows[0] == ("on", "1500ms", "millwright tests", "UTF8"))
        await connection.close()
    }

    @Test("A connection let go without close is finished on the loop")
    func letGo() async throws {
        let watcher = try await PostgresConnection.connect(self.configuration)
        var pids: [Int32] = []
        for _ in 0..<5 {
            let connection = try await PostgresConnection.connect(self.configuration)
            pids.append(await connection.backendPID)
        }

        let all = pids.map(Int.init)
        let deadline = Deadline.after(.seconds(10))
        var left = all.count
        while left > 0, !deadline.isOver {
            left = try await watcher.query("SELECT 1 FROM pg_stat_activity WHERE pid = ANY(\(all)::int[])").count
        }

        #expect(left == 0)
        await watcher.close()
    }

    @Test("The server describes itself and the session once")
    func server() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let server = try await connection.server()

        #expect(server.versionNumber >= 130_000)
        #expect(server.isSuperuser)
        #expect(server.hasRole("pg_monitor"))
        #expect(server.extensions["plpgsql"] != nil)
        #expect(!server.isInRecovery)
        await connection.close()
    }

    @Test("What a role may do is known: everything as a superuser, nothing as a stranger")
    func capabilities() async throws {
        let servers = try await TestServers.shared()
        let superuser = try await PostgresConnection.connect(self.configuration)
        let stranger = try await PostgresConnection.connect(testConfiguration(servers.unprivilegedURL))
        let monitor = try await PostgresConnection.connect(testConfiguration(servers.monitorURL))

        #expect(try await superuser.server().canSignalOthers)
        #expect(try await !stranger.server().canSignalOthers)
        #expect(try await !stranger.server().hasRole("pg_monitor"))
        #expect(try await monitor.server().hasRole("pg_monitor"))
        #expect(try await !monitor.server().isSuperuser)
        #expect(try await !monitor.server().isBehindPooler)
        for connection in [superuser, stranger, monitor] { await connection.close() }
    }

    @Test("Whoever still holds a finished handle is told of a bad connection, and touches nothing freed")
    func finishedHandle() {
        let handle = PostgresHandle(parameters: [("host", "/nonexistent")], loop: .shared)
        handle.finish()

        #expect(handle.isBad)
        #expect(handle.poll() == .failed)
        #expect(!handle.consumeInput())
        #expect(handle.flush() == nil)
        #expect(handle.backendPID == 0)
    }

    @Test("Closing a pool while it connects is safe at any moment")
    func closedWhileOpening() async throws {
        for round in 0..<60 {
            let client = PostgresClient(self.configuration)
            let question = Task { try await client.query("SELECT 1", as: Int.self) }
            for _ in 0..<(round % 12) { await Task.yield() }
            await client.close()
            _ = try? await question.value
        }
    }
}
