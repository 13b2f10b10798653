// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("Databases without an encoding", .serialized, .timeLimit(.minutes(1)))
struct SQLASCIITests {
    @Test("Bytes that are no UTF-8 come as bytes, exact in both formats; as text the server refuses them")
    func invalid() async throws {
        let servers = try await TestServers.shared()
        let name = "ascii_\(UInt32.random(in: .min ... .max))"
        let superuser = try await PostgresConnection.connect(testConfiguration(servers.superuserURL))
        try await superuser.execute(
            "CREATE DATABASE \(identifier: name) ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        let url = try #require(servers.state.url(role: "postgres", database: name))
        let connection = try await PostgresConnection.connect(testConfiguration(url))

        for format in [PostgresFormat.text, .binary] {
            let bytes = try await connection.query(
                "SELECT convert_to(convert_from('\\x61ff62'::bytea, 'SQL_ASCII'), 'SQL_ASCII')",
                results: format
            )
            let text = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT convert_from('\\x61ff62'::bytea, 'SQL_ASCII')", results: format)
            }
            #expect(try bytes[0].get(0, as: [UInt8].self) == [0x61, 0xFF, 0x62])
            #expect(text?.sqlState == "22021")
        }
        await connection.close()
        try await superuser.execute("DROP DATABASE \(identifier: name) WITH (FORCE)")
        await superuser.close()
    }

    @Test("The session's encoding is UTF-8, whatever the connection string asks for")
    func pinned() async throws {
        let text = try await TestServers.shared().superuserURL
        let connection = try await PostgresConnection.connect(
            testConfiguration(text + (text.contains("?") ? "&" : "?") + "client_encoding=LATIN1")
        )

        #expect(try await connection.query("SHOW client_encoding", as: String.self) == ["UTF8"])
        #expect(try await connection.query("SELECT 'é☃'", as: String.self) == ["é☃"])
        await connection.close()
    }
}
