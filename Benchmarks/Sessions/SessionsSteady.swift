// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import MillwrightCore
import MillwrightIO
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting

/// What a session costs while all is well: beside a bare GET of our own driver, and beside Django's cached_db on the same servers.
struct SessionsSteady: Benchmark {
    static let name = "sessions"
    static let about =
        "64 tasks on one node, sessions of 300 bytes; beside a GET of as many bytes through RedisClient, and beside Django's cached_db,"
        + " one process, on the same servers in the same run"

    private static let count = 40_000
    private static let tasks = 64

    static func run() async throws -> [Measurement] {
        let bench = try await SessionBench()
        let python = try await Peer.python(
            "django_sessions",
            packages: ["Django>=5.2,<7", "psycopg[binary]>=3.1,<4", "redis", "hiredis"]
        )
        let client = RedisClient(try bench.servers.impatientRedis())
        return try await bench.withNodes(1) { nodes in
            let sessions = try await Self.sessions(nodes[0])
            let steady = Self(
                node: nodes[0],
                client: client,
                database: bench.database(),
                sessions: sessions,
                cookies: sessions.map(\.id.text)
            )
            try await client.set("bench:plain", [UInt8](repeating: 65, count: 300))
            let reads = try await Pairs.run(7, ours: steady.reads, other: steady.gets)
            let writes = try await Pairs.run(5, ours: steady.writes, other: steady.statements)
            let django = try await python.figures([bench.servers.postgresURL, bench.servers.redisURL, "2000"])
            let one = try await steady.readsInTurn()
            let trips = try await steady.roundTrips(bench)
            await client.close()
            await steady.database.close()
            return [
                reads.measurement("read and touch, beside GET", unit: "/s", goal: .ratioAtLeast(0.7)),
                writes.measurement("write, beside one UPDATE", unit: "/s"),
                Measurement("read, one task, beside Django", ours: one, other: django[0], unit: "/s"),
                Measurement(
                    "write, one task, beside Django",
                    ours: try await steady.writesInTurn(),
                    other: django[1],
                    unit: "/s"
                ),
                Measurement("statements of PostgreSQL a write", ours: trips.statements, unit: "", goal: .atMost(1.05)),
                Measurement("commands of Redis a write", ours: trips.commands, unit: "", goal: .atMost(1.05)),
            ]
        }
    }

    let node: SessionStore
    let client: RedisClient
    let database: PostgresClient
    let sessions: [Session]
    /// What the browsers send.
    let cookies: [String]

    private static func sessions(_ node: SessionStore) async throws -> [Session] {
        var sessions: [Session] = []
        for _ in 0..<Self.tasks {
            sessions.append(try await node.create(["cart": .string(String(repeating: "x", count: 250))], user: "42"))
        }
        return sessions
    }

    private func eachTask(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws -> Double {
        try await rate(of: count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<Self.tasks {
                    group.addTask(executorPreference: EventLoop.shared) {
                        for _ in 0..<(count / Self.tasks) { try await body(task) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    func reads() async throws -> Double {
        try await self.eachTask(Self.count) { task in
            guard let id = SessionID(cookie: self.cookies[task]), try await self.node.read(id) != nil else {
                throw Failure("a session is gone")
            }
        }
    }

    func gets() async throws -> Double {
        try await self.eachTask(Self.count) { _ in _ = try await self.client.get("bench:plain") }
    }

    func readsInTurn() async throws -> Double {
        try await rate(of: 2_000) { for _ in 0..<2_000 { _ = try await self.node.read(self.sessions[0].id) } }
    }

    func writes() async throws -> Double {
        try await self.eachTask(3_200) { task in try await self.write(task) }
    }

    func writesInTurn() async throws -> Double {
        try await rate(of: 2_000) { for _ in 0..<2_000 { try await self.write(0) } }
    }

    /// The statement alone, without the copy.
    func statements() async throws -> Double {
        try await self.eachTask(3_200) { task in
            let key = "plain-\(task)"
            _ = try await self.database.query(
                """
                INSERT INTO millwright.sessions AS s (key, payload, expires_at) VALUES (\(key), 'J{}', now() + interval '14 d')
                ON CONFLICT (key) DO UPDATE SET version = s.version + 1 RETURNING version
                """
            )
        }
    }

    private func write(_ task: Int) async throws {
        guard var session = try await self.node.read(self.sessions[task].id) else { throw Failure("a session is gone") }
        session["n"] = .int(session.version)
        guard try await self.node.save(session) != nil else { throw Failure("a session is gone") }
    }

    /// How many statements and commands a write takes, by the servers' own count; the upkeep's are left out.
    private func roundTrips(_ bench: SessionBench) async throws -> (statements: Double, commands: Double) {
        let count = 500
        var session = self.sessions[1]
        let before = (try await self.statementCount(bench), try await self.commandCount())
        for number in 0..<count {
            session["n"] = .int(number)
            guard let saved = try await self.node.save(session) else { throw Failure("a session is gone") }
            session = saved
        }
        let after = (try await self.statementCount(bench), try await self.commandCount())
        return (Double(after.0 - before.0) / Double(count), Double(after.1 - before.1) / Double(count))
    }

    private func statementCount(_ bench: SessionBench) async throws -> Int {
        let superuser = try await PostgresConnection.connect(PostgresConfiguration(bench.servers.superuserURL))
        let count = try await superuser.query(
            "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query LIKE '/* millwright:sessions */%'",
            as: Int.self
        )
        await superuser.close()
        return count.first ?? 0
    }

    /// Scripts that Redis ran: the copy's writes.
    private func commandCount() async throws -> Int {
        let info = try await self.client.send(RedisCommand("INFO", "commandstats")).decode(as: String.self)
        let lines = info.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("cmdstat_eval") }
        // cmdstat_evalsha:calls=500,usec=1203,…,rejected_calls=0,failed_calls=0
        let counts = lines.compactMap { line in
            line.split(separator: "calls=").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
        }
        return counts.reduce(0, +)
    }
}
