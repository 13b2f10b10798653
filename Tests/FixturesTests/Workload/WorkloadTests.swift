// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightRedis
import MillwrightTesting
import Testing

@testable import Fixtures

@Suite("Workload", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct WorkloadTests {
    @Test("Every kind of operation works on a fresh load, and each is done many times")
    func everyOperationWorks() async throws {
        let configuration = try await SharedERP.configuration()
        let world = World(volume: Volume(scale: SharedERP.scale), seed: 1)
        let connection = try await PostgresConnection.connect(configuration)
        var random = Random(state: 5)

        for operation in Operation.all {
            for _ in 0..<5 { try await operation.perform(connection, world, &random) }
        }

        await connection.close()
    }

    @Test("Clients work side by side until the time is over, and the caches' reads are counted for others to see")
    func runs() async throws {
        let configuration = try await SharedERP.configuration()
        let servers = try await TestServers.shared()
        var endpoint = try RedisConfiguration(servers.redisURL)
        endpoint.database = 9  // The counts have one name a database: nobody else's tests count here.
        let redis = RedisClient(endpoint)
        let caches = ["default", "sessions", "database"].map {
            WorkloadCache(alias: $0, client: redis, keyPrefix: "workload_\($0)", timeout: .seconds(60))
        }

        let summary = try await Workload(duration: .seconds(2), clients: 3).run(database: configuration, caches: caches)
        let counts = try await redis.hgetall("millwright:hits:default", as: String.self, Int.self)
        let lifetimes = try await redis.pipeline(
            (1...300).map { RedisCommand("PTTL", "workload_sessions:1:session:\($0)") }
        )
        await redis.close()

        let search = summary.reads.first { $0.group == "search" }
        #expect(summary.seconds >= 2 && summary.seconds < 20)
        #expect(summary.kinds.map(\.failures).allSatisfy { $0 == 0 })
        #expect(summary.operations > 100)
        #expect(counts["search:misses"] == search?.misses)
        #expect(counts["search:hits"] == nil)
        #expect((counts["since"] ?? 0) > 1_700_000_000)
        // -1 is a key without an expiry, -2 no key.
        #expect(!lifetimes.contains(.integer(-1)))
        #expect(lifetimes.contains { $0 != .integer(-2) })
    }

    @Test("Without a load the workload says what to do first")
    func needsLoad() async throws {
        try await TestServers.shared().withDatabase { url in
            let configuration = PostgresConfiguration(url("app"))

            let error = await #expect(throws: LoadError.self) { () async throws -> Void in
                _ = try await Workload(duration: .seconds(1)).run(database: configuration)
            }

            #expect(error?.next == "Run `loaddata erp` first.")
        }
    }

    @Test("A held transaction is idle, has changed a row, and goes when its time is over")
    func heldTransaction() async throws {
        let configuration = try await SharedERP.configuration()
        let connection = try await PostgresConnection.connect(configuration)
        let (begun, feed) = AsyncStream.makeStream(of: Int.self)
        let hold = Task {
            try await HeldTransaction.hold(on: configuration, for: .seconds(60)) { feed.yield($0) }
        }

        let process = await begun.first { _ in true } ?? 0
        let rows = try await connection.query(
            "SELECT state, backend_xid IS NOT NULL FROM pg_stat_activity WHERE pid = \(process)",
            as: (String, Bool).self
        )
        hold.cancel()
        _ = await hold.result
        let note = try await connection.query("SELECT note FROM erp_warehouse WHERE id = 1")
        await connection.close()

        #expect(rows.map(\.0) == ["idle in transaction"])
        #expect(rows.map(\.1) == [true])
        #expect(try note[0].get(0, as: String?.self) == nil)
    }

    @Test("A held transaction ends without an error where the server ends its session")
    func heldTransactionEnds() async throws {
        let configuration = try await SharedERP.configuration()
        let superuser = try await PostgresConnection.connect(
            PostgresConfiguration(TestServers.shared().superuserURL)
        )
        let (begun, feed) = AsyncStream.makeStream(of: Int.self)
        let hold = Task {
            try await HeldTransaction.hold(on: configuration, for: .seconds(60)) { feed.yield($0) }
        }

        let process = await begun.first { _ in true } ?? 0
        try await superuser.execute("SELECT pg_terminate_backend(\(process))")
        try await hold.value
        await superuser.close()
    }
}
