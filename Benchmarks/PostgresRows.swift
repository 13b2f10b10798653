// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// A million rows, each decoded into a struct, in flat memory.
enum PostgresRows: Benchmark {
    static let name = "postgres-rows"
    static let about =
        "1,000,000 rows of int8, text, numeric, timestamptz and bool, each into a struct, beside single-row mode in C"

    private static let count = 1_000_000
    private static let statement = "SELECT id, name, amount, at, flag FROM measured"

    static func run() async throws -> [Measurement] {
        let servers = try await TestServers.private(.postgresOnly)
        let url = servers.superuserURL
        let peer = try await Peer.c("postgres-rows", libraries: ["pq"])
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        try await connection.run(
            script: """
                CREATE TABLE measured AS
                SELECT g::int8 AS id, 'product number ' || g AS name, (g % 100000)::numeric / 100 AS amount,
                       timestamptz '2026-01-01 00:00:00+00' + g * interval '1 second' AS at, g % 2 = 0 AS flag
                FROM generate_series(1, \(Self.count)) AS g
                """,
            timeout: .seconds(60)
        )
        try await connection.run(script: "VACUUM measured", timeout: .seconds(60))
        var measurements: [Measurement] = []
        for (name, format) in [("text", PostgresFormat.text), ("binary", .binary)] {
            let pairs = try await Pairs.run(5) {
                try await Self.rate(connection, format)
            } other: {
                try await peer.figures([url, name, Self.statement])[0]
            }
            measurements.append(pairs.measurement("rows, \(name)", unit: "/s", goal: .ratioAtLeast(0.75)))
        }
        let own = Peer(program: CommandLine.arguments[0], leading: [PostgresRowsMemory.name])
        let peak = try await own.figures([url])[0]
        measurements.append(Measurement("memory, at its peak", ours: peak, unit: "MB", goal: .atMost(30)))
        await connection.close()
        try await servers.remove()
        return measurements
    }

    static func rate(_ connection: PostgresConnection, _ format: PostgresFormat) async throws -> Double {
        try await benchmarks.rate(of: Self.count) {
            try await withTaskExecutorPreference(EventLoop.shared) {
                var sum = 0
                let rows = try await connection.stream(
                    SQL(unsafe: Self.statement),
                    as: MeasuredRow.self,
                    results: format,
                    timeout: .seconds(60)
                ) { sum &+= $0.sum }
                guard rows == Self.count, sum != 0 else { throw Failure("\(rows) rows came") }
            }
        }
    }
}

/// The rows read by a process that does nothing else, so that the memory it needed is theirs.
enum PostgresRowsMemory {
    static let name = "postgres-rows-memory"

    /// The most memory of the process, in MB, with everything that the program brings with it.
    static func peak(reading url: String) async throws -> Double {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        _ = try await PostgresRows.rate(connection, .text)
        await connection.close()
        return Machine.peakMemoryMB()
    }
}

/// What a row is decoded into.
private struct MeasuredRow: RowDecodable {
    var id: Int64
    var name: String
    var amount: PostgresNumeric
    var at: PostgresTimestamp
    var flag: Bool

    init(from cursor: inout RowCursor) throws {
        self.id = try cursor.next()
        self.name = try cursor.next()
        self.amount = try cursor.next()
        self.at = try cursor.next()
        self.flag = try cursor.next()
    }

    /// Something of every column, so that none is decoded in vain.
    var sum: Int {
        Int(self.id) &+ self.name.utf8.count &+ self.amount.scale
            &+ Int(self.at.microsecondsSince2000 / 1_000_000) &+ (self.flag ? 1 : 0)
    }
}
