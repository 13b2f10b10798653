// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// COPY in both directions.
enum PostgresCopy: Benchmark {
    static let name = "postgres-copy"
    static let about = "COPY of 500,000 rows out and in, beside libpq in C"

    private static let count = 500_000
    private static let out = "COPY (SELECT * FROM source) TO STDOUT"
    private static let into = "COPY sink FROM STDIN"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let url = servers.superuserURL
        let peer = try await Peer.c("postgres-copy", libraries: ["pq"])
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        try await connection.run(
            script: """
                CREATE TABLE source AS SELECT g AS id, 'product number ' || g AS name, g % 1000 + 0.25 AS amount
                FROM generate_series(1, \(Self.count)) AS g;
                CREATE UNLOGGED TABLE sink (id int8, name text, amount numeric)
                """,
            timeout: .seconds(60)
        )
        try await connection.run(script: "VACUUM source", timeout: .seconds(60))
        let out = try await Pairs.run(5) {
            try await Self.outRate(connection)
        } other: {
            try await peer.figures([url, "out", Self.out])[0]
        }
        let chunks = Self.chunks()
        let into = try await Pairs.run(5) {
            try await connection.execute("TRUNCATE sink")
            return try await Self.inRate(connection, chunks)
        } other: {
            try await connection.execute("TRUNCATE sink")
            return try await peer.figures([url, "in", Self.into, "\(Self.count)"])[0]
        }
        await connection.close()
        try await servers.remove()
        return [
            out.measurement("COPY out", unit: "rows/s", goal: .ratioAtLeast(0.9)),
            into.measurement("COPY in", unit: "rows/s", goal: .ratioAtLeast(0.9)),
        ]
    }

    private static func outRate(_ connection: PostgresConnection) async throws -> Double {
        try await benchmarks.rate(of: Self.count) {
            try await withTaskExecutorPreference(EventLoop.shared) {
                var bytes = 0
                let rows = try await connection.copyOut(SQL(unsafe: Self.out), timeout: .seconds(60)) {
                    bytes += $0.count
                }
                guard rows == Self.count, bytes > rows else { throw Failure("\(rows) rows came") }
            }
        }
    }

    private static func inRate(_ connection: PostgresConnection, _ chunks: [[UInt8]]) async throws -> Double {
        try await benchmarks.rate(of: Self.count) {
            try await withTaskExecutorPreference(EventLoop.shared) {
                var next = 0
                let rows = try await connection.copyIn(SQL(unsafe: Self.into), timeout: .seconds(60)) {
                    defer { next += 1 }
                    return next < chunks.count ? chunks[next] : nil
                }
                guard rows == Self.count else { throw Failure("\(rows) rows went") }
            }
        }
    }

    /// The rows that the peer writes, made before the clock starts as it does.
    private static func chunks() -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var chunk: [UInt8] = []
        for row in 1...Self.count {
            chunk += Array("\(row)\tproduct number \(row)\t\(row % 1000).25\n".utf8)
            guard chunk.count >= 65_536 || row == Self.count else { continue }
            chunks.append(chunk)
            chunk = []
        }
        return chunks
    }
}
