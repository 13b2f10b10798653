// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting

/// `clearsessions` under traffic: a million expired rows and a hundred thousand live ones.
struct SessionsClear: Benchmark {
    static let name = "sessions-clear"
    static let about =
        "1,000,000 expired and 100,000 live rows, 20 users at work meanwhile, a third of their requests writes"

    static func run() async throws -> [Measurement] {
        let bench = try await SessionBench()
        let database = bench.database()
        for part in 0..<11 {
            try await database.execute(
                """
                INSERT INTO millwright.sessions (key, user_id, payload, expires_at)
                SELECT 'old-' || \(part)::int || '-' || n, n::text, convert_to('J{"cart":"' || repeat('x', 200) || '"}', 'UTF8'),
                    now() + CASE WHEN \(part)::int = 10 THEN interval '7 d' ELSE -interval '1 d' END - n * interval '1 ms'
                FROM generate_series(1, 100000) AS n
                """,
                timeout: .seconds(120)
            )
        }
        let connection = try await PostgresConnection.connect(database.configuration)
        let measurements = try await bench.withNodes(1) { nodes in
            let users = SessionUsers(nodes)
            let took = Took()
            try await users.run(20, pause: .milliseconds(20), writesEvery: 3) {
                let start = ContinuousClock.now
                async let locks = Self.watchLocks(bench, until: took)
                let done = try await ExpiredSessions(batchRows: 5_000).run(on: connection)
                await took.set(done, start.duration(to: .now), 0)
                await took.set(done, start.duration(to: .now), try await locks)
            }
            guard let done = await took.done else { throw Failure("it did not end") }
            let live = try await database.query(
                "SELECT count(*) FROM millwright.sessions WHERE expires_at > now()",
                as: Int.self
            )[0]
            let tally = users.tally
            return [
                Measurement("rows deleted", ours: Double(done.deleted), unit: ""),
                Measurement("expired rows left", ours: Double(done.expired - done.deleted), unit: "", goal: .atMost(0)),
                Measurement("live rows missing", ours: Double(100_020 - live), unit: "", goal: .atMost(0)),
                Measurement("rows deleted", ours: Double(done.deleted) / (await took.time).seconds, unit: "/s"),
                Measurement("longest batch", ours: done.longestBatch.seconds * 1_000, unit: "ms", goal: .atMost(200)),
                Measurement(
                    "longest wait for a lock of a user's",
                    ours: await took.longestLock * 1_000,
                    unit: "ms",
                    goal: .atMost(50)
                ),
                Measurement(
                    "p99 of the users' requests",
                    ours: percentile(0.99, of: tally.samples.map(\.took)),
                    unit: "ms"
                ),
                Measurement(
                    "users' requests that failed, or logouts",
                    ours: Double(tally.failures + tally.logouts),
                    unit: "",
                    goal: .atMost(0)
                ),
            ]
        }
        await connection.close()
        await database.close()
        return measurements
    }

    /// The longest that a session of the application was seen waiting for a lock, in seconds.
    private static func watchLocks(_ bench: SessionBench, until took: Took) async throws -> Double {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(bench.servers.superuserURL))
        var longest = 0.0
        while await took.done == nil {
            let seconds = try await connection.query(
                """
                SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::double precision
                FROM pg_locks WHERE NOT granted
                """,
                as: Double.self
            )
            longest = max(longest, seconds.first ?? 0)
            try await Task.sleep(for: .milliseconds(5))
        }
        await connection.close()
        return longest
    }
}

private actor Took {
    private(set) var done: ExpiredSessions.Progress?
    private(set) var time = Duration.zero
    private(set) var longestLock = 0.0
    func set(_ done: ExpiredSessions.Progress, _ time: Duration, _ longestLock: Double) {
        if self.done == nil { self.time = time }
        self.done = done
        self.longestLock = max(self.longestLock, longestLock)
    }
}
