// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Text that is not UTF-8", .timeLimit(.minutes(1)))
struct EncodingTests {
    private func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
        let connection = try await PostgresConnection.connect(testConfiguration())
        try await body(connection)
        await connection.close()
    }

    @Test("Bytes that are no UTF-8 are refused by the server, and the connection stays good")
    func copied() async throws {
        try await self.withConnection { connection in
            try await connection.execute("CREATE TEMPORARY TABLE t (line text)")
            var chunks: [[UInt8]] = [[0x61, 0xFF, 0xFE, 0x0A]]

            let error = await postgresError { try await connection.copyIn("COPY t FROM STDIN") { chunks.popLast() } }

            #expect(error?.sqlState == "22021")
            #expect(try await connection.query("SELECT count(*) FROM t", as: Int.self) == [0])
        }
    }

    @Test(
        "Bytes that a database without an encoding holds are an error where they are no UTF-8, and the connection stays good"
    )
    func withoutEncoding() async throws {
        let servers = try await TestServers.shared()
        let name = "ascii_\(UInt32.random(in: .min ... .max))"
        let owner = try await PostgresConnection.connect(testConfiguration())
        try await owner.execute(
            "CREATE DATABASE \(identifier: name) ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        )
        let url = try #require(servers.state.url(role: "postgres", database: name))
        let connection = try await PostgresConnection.connect(testConfiguration(url))

        let error = await postgresError { _ = try await connection.query("SELECT E'a\\xFFz'::text") }
        let next = try await connection.query("SELECT 1", as: Int.self)

        #expect(error?.sqlState == "22021")
        #expect(next == [1])
        await connection.close()
        try await owner.execute("DROP DATABASE \(identifier: name)")
        await owner.close()
    }

    @Test(
        "A session whose encoding was changed answers no statement: its text could only be wrong",
        arguments: [
            "SET client_encoding = 'LATIN1'", "SET NAMES 'LATIN1'", "BEGIN; SET LOCAL client_encoding = 'LATIN1'",
        ]
    )
    func changed(script: String) async throws {
        try await self.withConnection { connection in
            let error = await postgresError { try await connection.run(script: script) }

            #expect(error?.code == .usage)
            #expect(error?.description.contains("client_encoding") == true)
            #expect(await !connection.isUsable)
        }
    }

    @Test("A change of the encoding to what it is disturbs nobody")
    func unchanged() async throws {
        try await self.withConnection { connection in
            try await connection.execute("SET client_encoding = 'UTF8'")

            #expect(try await connection.query("SELECT 'ä'", as: String.self) == ["ä"])
        }
    }
}
