// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore
import MillwrightIO
import MillwrightPostgres
import MillwrightTesting
import Synchronization
import Testing

/// Holds up a loop, somewhere between its looks at what has come.
private final class Gate: Sendable {
    private let isHeld = Atomic(false)
    private let mayGo = Atomic(false)
    var holds: Bool { self.isHeld.load(ordering: .acquiring) }

    func hold() {
        self.isHeld.store(true, ordering: .releasing)
        while !self.mayGo.load(ordering: .acquiring) { usleep(1_000) }
    }

    func open() { self.mayGo.store(true, ordering: .releasing) }
}

@Suite("Tasks of PostgreSQL that are cancelled at any moment", .timeLimit(.minutes(30)))
struct CancellationRaceTests {
    enum Work: CaseIterable { case query, stream, copyOut, copyIn, transaction, pool }

    @Test("A statement was cancelled also where its end is heard of before the cancellation is", arguments: 0..<10)
    func heardLate(rounds: Int) async throws {
        let loop = EventLoop()
        let connection = try await PostgresConnection.connect(testConfiguration(), on: loop)
        let observer = try await PostgresConnection.connect(testConfiguration())
        let pid = await connection.backendPID
        func isActive() async throws -> Bool {
            let states: SQL = "SELECT state = 'active' FROM pg_stat_activity WHERE pid = \(Int(pid))"
            return try await observer.query(states, as: Bool.self) == [true]
        }
        let statement = Task { _ = try await connection.query("SELECT pg_sleep(60)") }
        try await until { try await isActive() }
        let gate = Gate()
        // The loop runs jobs for some rounds before it looks at what has come: in one of these cases this is the last.
        let held = Task(executorPreference: loop) {
            for _ in 0..<rounds { await Task.yield() }
            gate.hold()
        }
        try await until { gate.holds }

        statement.cancel()
        try await until { try await !isActive() }
        // Nobody outside sees when the request has ended, too: with less time for that the test would only see less.
        try await Task.sleep(for: .milliseconds(100))
        gate.open()

        await #expect(throws: CancellationError.self) { try await statement.value }
        #expect(try await connection.query("SELECT 7::int8", as: Int.self) == [7])
        await held.value
        await connection.close()
        await observer.close()
    }

    @Test("Each ends, and nobody gets another's answer", arguments: Work.allCases)
    func races(work: Work) async throws {
        var configuration = try await testConfiguration()
        configuration.maximumConnections = 2
        let client = PostgresClient(configuration)
        _ = try await client.query("SELECT 1")
        // Whatever the moments that a busy machine leaves: one that is never cancelled, and one that is before it begins.
        try await self.run(work, client, -1)
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            try await self.run(work, client, -2)
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }

        for round in 0..<Soak.count(150, soaking: 10_000) {
            let task = Task { try await self.run(work, client, round) }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...2_500)))
            task.cancel()
            do { try await task.value } catch is CancellationError {}

            #expect(try await client.query("SELECT \(round)").decode(as: String.self) == ["\(round)"])
        }

        let statistics = await client.statistics()
        #expect(statistics.inUse == 0)
        await client.close()
    }

    /// Work that takes about a millisecond or two, and checks what it is answered.
    private func run(_ work: Work, _ client: PostgresClient, _ round: Int) async throws {
        let rows: SQL = "SELECT n FROM generate_series(\(round)::int, \(round + 2_000)::int) AS n"
        switch work {
        case .query:
            #expect(try await client.query(rows, as: Int.self).first == round)
        case .pool:
            try await withThrowingTaskGroup { group in
                for number in 0..<5 {
                    group.addTask {
                        let answer = try await client.query("SELECT \(number)").decode(as: String.self)
                        #expect(answer == ["\(number)"])
                    }
                }
                try await group.waitForAll()
            }
        case .stream:
            try await client.withConnection { connection in
                var next = round
                try await connection.stream(rows) { row in
                    let number = try row.get(0, as: Int.self)
                    #expect(number == next)
                    next += 1
                }
            }
        case .copyOut:
            try await client.withConnection {
                try await $0.copyOut("COPY (SELECT generate_series(1, 5000)) TO STDOUT") { _ in }
            }
        case .copyIn:
            try await client.withConnection { connection in
                try await connection.execute("CREATE TEMPORARY TABLE IF NOT EXISTS t (n int)")
                var chunks = 5
                try await connection.copyIn("COPY t FROM STDIN") {
                    chunks -= 1
                    return chunks < 0 ? nil : Array("1\n2\n3\n".utf8)
                }
            }
        case .transaction:
            try await client.withTransaction { connection in
                for number in 0..<5 {
                    let answer = try await connection.query("SELECT \(number)").decode(as: String.self)
                    #expect(answer == ["\(number)"])
                }
            }
        }
    }
}
