// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("Much at once from PostgreSQL", .timeLimit(.minutes(3)))
struct HugeTests {
    private static let megabytes50 = 52_428_800

    private func withConnection(_ body: (PostgresConnection) async throws -> Void) async throws {
        let connection = try await PostgresConnection.connect(testConfiguration())
        try await body(connection)
        #expect(await connection.isUsable)
        #expect(try await connection.query("SELECT 'next'", as: String.self) == ["next"])
        await connection.close()
    }

    @Test("A row of 50 MB comes whole: as rows, as a stream, as a COPY, and goes as a value")
    func row() async throws {
        try await self.withConnection { connection in
            let sql = SQL(unsafe: "SELECT 'a' || repeat('x', \(Self.megabytes50 - 2)) || 'z'")

            let text = try await connection.query(sql, as: String.self)[0]
            #expect(text.utf8.count == Self.megabytes50)
            #expect(text.utf8.first == UInt8(ascii: "a") && text.utf8.last == UInt8(ascii: "z"))
            try await connection.stream(sql) { row in
                let streamed = try row.get(0, as: String.self)
                #expect(streamed == text)
            }
            var bytes = 0
            try await connection.copyOut("COPY (\(sql)) TO STDOUT") { bytes += $0.count }
            #expect(bytes == Self.megabytes50 + 1)
            #expect(try await connection.query("SELECT length(\(text))", as: Int.self) == [Self.megabytes50])
        }
    }

    @Test("A flood of notices is bounded: the newest are kept, and the rows are right")
    func notices() async throws {
        try await self.withConnection { connection in
            try await connection.run(
                script: """
                    DO $$ BEGIN FOR n IN 1..100000 LOOP RAISE NOTICE 'notice %', n; END LOOP; END $$
                    """
            )

            let notices = await connection.takeNotices()
            #expect(notices.count == 1_000)
            #expect(notices.last?.message == "notice 100000")
        }
    }

    @Test("An error in the middle of a COPY of 100,000 rows into a table leaves none of them")
    func copyIn() async throws {
        try await self.withConnection { connection in
            try await connection.execute("CREATE TEMPORARY TABLE t (n int)")
            var next = 0

            let error = await postgresError {
                try await connection.copyIn("COPY t FROM STDIN") {
                    guard next < 100_000 else { return nil }
                    defer { next += 1_000 }
                    let lines = (next..<next + 1_000).map { $0 == 50_000 ? "wrong\n" : "\($0)\n" }
                    return Array(lines.joined().utf8)
                }
            }

            #expect(error?.sqlState == "22P02")
            #expect(try await connection.query("SELECT count(*) FROM t", as: Int.self) == [0])
        }
    }

    @Test("An error in the middle of a COPY of 100,000 rows out of a query comes after the rows before it")
    func copyOut() async throws {
        try await self.withConnection { connection in
            var lines = 0

            let error = await postgresError {
                try await connection.copyOut(
                    "COPY (SELECT 1 / (50000 - n) FROM generate_series(1, 100000) AS n) TO STDOUT"
                ) {
                    lines += $0.count { $0 == 10 }
                }
            }

            #expect(error?.sqlState == "22012")
            #expect(lines == 49_999)
        }
    }

    @Test("An error in the middle of a stream of 100,000 rows comes after the rows before it")
    func stream() async throws {
        try await self.withConnection { connection in
            var rows = 0

            let error = await postgresError {
                try await connection.stream("SELECT 1 / (50000 - n) FROM generate_series(1, 100000) AS n") { _ in
                    rows += 1
                }
            }

            #expect(error?.sqlState == "22012")
            #expect(rows == 49_999)
        }
    }
}
