// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("A PostgreSQL connection that is cut", .timeLimit(.minutes(3)))
struct CutTests {
    enum Reading: CaseIterable { case query, stream, copyOut, transaction }

    private static let cases = Reading.allCases.flatMap { reading in
        [FaultProxy.Cut.end, .reset].map { (reading, $0) }
    }

    @Test("At any byte of an answer it is an error, and the connection is given up", arguments: Self.cases)
    func answer(reading: Reading, how: FaultProxy.Cut) async throws {
        try await withFaultyPostgres { network, configuration in
            let length = try await self.answerLength(reading, network, configuration)

            for bytes in stride(from: 0, to: length, by: Soak.count(3, soaking: 1)) {
                let connection = try await PostgresConnection.connect(configuration)
                await network.cut(how, after: bytes, of: .replies)
                let error = await postgresError { try await self.read(reading, connection) }
                #expect(error?.code == .connectionLost, "\(reading) cut after \(bytes) of \(length)")
                #expect(await !connection.isUsable)
                try await network.resume()
            }

            #expect(length > 40)
        }
    }

    @Test("At any byte of the handshake no connection is made", arguments: [FaultProxy.Cut.end, .reset])
    func handshake(how: FaultProxy.Cut) async throws {
        try await withFaultyPostgres { network, configuration in
            try await PostgresConnection.connect(configuration).close()
            let length = await network.passedBytes(.replies)

            for bytes in stride(from: 0, to: length, by: Soak.count(7, soaking: 1)) {
                await network.cut(how, after: bytes, of: .replies)
                let error = await postgresError { _ = try await PostgresConnection.connect(configuration) }
                #expect(error?.code == .connectionFailed, "cut after \(bytes) of \(length)")
            }

            #expect(length > 200)
        }
    }

    @Test("A COPY whose bytes stop on the way leaves no row")
    func copyIn() async throws {
        let servers = try await TestServers.shared()
        try await servers.withSchema { watcher, schema in
            try await watcher.execute("CREATE TABLE t (n int)")
            try await withFaultyPostgres { network, configuration in
                for bytes in stride(from: 0, to: 60, by: 3) {
                    let connection = try await PostgresConnection.connect(configuration)
                    await network.cut(.end, after: bytes, of: .requests)
                    var chunks = ["1\n2\n", "3\n4\n", "5\n6\n"][...]
                    let error = await postgresError {
                        try await connection.copyIn("COPY \(identifier: schema).t FROM STDIN") {
                            chunks.popFirst().map { Array($0.utf8) }
                        }
                    }
                    #expect(error?.code == .connectionLost, "cut after \(bytes)")
                    try await network.resume()
                }
            }
            #expect(try await watcher.query("SELECT count(*) FROM t", as: Int.self) == [0])
        }
    }

    @Test("Refused, it says so at once and connects again when it may")
    func refused() async throws {
        try await withFaultyPostgres { network, configuration in
            await network.refuse()
            let error = await postgresError { _ = try await PostgresConnection.connect(configuration) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description == "PostgreSQL refused the connection: nothing listens at that address.")

            try await network.resume()
            let connection = try await PostgresConnection.connect(configuration)
            #expect(try await connection.query("SELECT 1", as: Int.self) == [1])
            await connection.close()
        }
    }

    private func answerLength(
        _ reading: Reading,
        _ network: FaultProxy,
        _ configuration: PostgresConfiguration
    ) async throws -> Int {
        let connection = try await PostgresConnection.connect(configuration)
        let before = await network.passedBytes(.replies)
        try await self.read(reading, connection)
        let after = await network.passedBytes(.replies)
        await connection.close()
        return after - before
    }

    private func read(_ reading: Reading, _ connection: PostgresConnection) async throws {
        let sql: SQL = "SELECT n, 'row ' || n FROM generate_series(1, 3) AS n"
        switch reading {
        case .query: #expect(try await connection.query(sql).count == 3)
        case .stream: #expect(try await connection.stream(sql) { _ in } == 3)
        case .copyOut: #expect(try await connection.copyOut("COPY (\(sql)) TO STDOUT") { _ in } == 3)
        case .transaction: try await connection.withTransaction { _ = try await $0.query("SELECT 1") }
        }
    }
}
