// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import Fixtures

@Suite("Loading the ERP", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(3)))
struct ERPLoadTests {
    private func withLoad(_ body: (PostgresConnection) async throws -> Void) async throws {
        let connection = try await PostgresConnection.connect(SharedERP.configuration())
        try await body(connection)
        await connection.close()
    }

    private func texts(_ connection: PostgresConnection, _ sql: SQL) async throws -> [String] {
        try await connection.query(sql).map { try $0.get(0, as: String.self) }
    }

    @Test("Every table has its rows, its statistics, and no dead row but the seeded ones")
    func tablesAreFull() async throws {
        let tables = try await SharedERP.countsAfterLoad()

        #expect(tables.map(\.table) == ERP.tables.sorted())
        #expect(tables.allSatisfy { $0.live > 0 })
        #expect(tables.filter { $0.dead > 0 }.map(\.table) == ["activities"])
    }

    @Test("The order's total is the sum of its lines, rounded line by line")
    func totalsAgree() async throws {
        try await self.withLoad { connection in
            let wrong = try await connection.query(
                """
                SELECT o.id FROM erp_salesorder AS o
                JOIN erp_orderitem AS i ON i.order_id = o.id
                GROUP BY o.id
                HAVING o.total <> sum(trunc(i.quantity * i.price * (100 - coalesce(i.discount, 0)) / 100, 2))
                """
            )

            #expect(wrong.isEmpty)
        }
    }

    @Test("Two indexes are invalid: a build that failed at once, and one that was ended while it waited")
    func invalidIndexes() async throws {
        try await self.withLoad { connection in
            let invalid = try await connection.query(
                """
                SELECT indexrelid::regclass::text, indisready
                FROM pg_index
                WHERE NOT indisvalid
                ORDER BY indexrelid::regclass::text
                """,
                as: (String, Bool).self
            )

            #expect(invalid.map(\.0) == ["erp_customer_tenant_id_phone_key", "erp_salesorder_status_date_idx"])
            #expect(invalid.map(\.1) == [false, true])
        }
    }

    @Test("One foreign key has no index, and it is the seeded one")
    func oneForeignKeyIsBare() async throws {
        try await self.withLoad { connection in
            let bare = try await self.texts(
                connection,
                """
                SELECT c.conname::text FROM pg_constraint AS c
                WHERE c.contype = 'f' AND NOT EXISTS (
                    SELECT FROM pg_index AS i
                    WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indkey[0] = c.conkey[1])
                """
            )

            #expect(bare == ["activities_task_id_fkey"])
        }
    }

    @Test("The archived tasks left a bloated index and a clean table")
    func indexIsBloated() async throws {
        try await self.withLoad { connection in
            let sizes = try await connection.query(
                """
                SELECT pg_relation_size('tasks_updated_idx'), pg_relation_size('tasks_pkey'),
                       (SELECT count(*) FROM tasks WHERE id < 0)
                """,
                as: (Int, Int, Int).self
            )

            #expect(sizes[0].0 > 5 * sizes[0].1)
            #expect(sizes[0].2 == 0)
        }
    }

    @Test("The column of the order lines is nearly used up, its sequence is not")
    func sequenceExpires() async throws {
        try await self.withLoad { connection in
            let rows = try await connection.query(
                """
                SELECT last_value::float8 / 2147483647, max_value::float8 > 1e18 FROM pg_sequences
                WHERE sequencename = 'erp_orderitem_id_seq'
                """,
                as: (Double, Bool).self
            )

            #expect(rows[0].0 > 0.92 && rows[0].0 < 0.94)
            #expect(rows[0].1)
        }
    }

    @Test("A second load refuses, or does nothing where it may keep what it finds")
    func refusesOrKeeps() async throws {
        let configuration = try await SharedERP.configuration()
        let options = { (existing: ERP.LoadOptions.Existing, seed: UInt64) in
            ERP.LoadOptions(scale: SharedERP.scale, seed: seed, existing: existing)
        }

        let refusal = await #expect(throws: LoadError.self) { () async throws -> Void in
            try await ERP.load(options(.refuse, 1), into: configuration)
        }
        let kept = try await ERP.load(options(.keep, 1), into: configuration)
        let other = await #expect(throws: LoadError.self) { () async throws -> Void in
            try await ERP.load(options(.keep, 2), into: configuration)
        }

        #expect(refusal?.stopped.contains("this load already") == true)
        #expect(kept == nil)
        #expect(other != nil)
    }

    @Test("A load that is told to replace drops what an earlier one made, whatever its seed")
    func replaces() async throws {
        try await TestServers.shared().withDatabase { url in
            let configuration = PostgresConfiguration(url("app"))
            let first = try await ERP.load(ERP.LoadOptions(scale: 0.001), into: configuration)
            let second = try await ERP.load(
                ERP.LoadOptions(scale: 0.001, seed: 2, existing: .replace),
                into: configuration
            )

            #expect(first != nil && second != nil)
        }
    }

    @Test("A table that somebody else has made is never dropped, and another schema takes the load")
    func sparesForeignTables() async throws {
        try await TestServers.shared().withDatabase { url in
            let configuration = PostgresConfiguration(url("app"))
            let connection = try await PostgresConnection.connect(configuration)
            try await connection.execute("CREATE TABLE public.users (name text)")

            let refusal = await #expect(throws: LoadError.self) { () async throws -> Void in
                try await ERP.load(ERP.LoadOptions(scale: 0.001, existing: .replace), into: configuration)
            }
            try await ERP.load(ERP.LoadOptions(scale: 0.001, schema: "Quoted demo"), into: configuration)
            let schemas = try await self.texts(
                connection,
                "SELECT schemaname::text FROM pg_tables WHERE tablename = 'users' ORDER BY 1"
            )
            await connection.close()

            #expect(refusal?.stopped.contains("users") == true)
            #expect(schemas == ["Quoted demo", "public"])
        }
    }

    @Test("A load that is cancelled while it copies leaves nothing behind")
    func cancelledLoad() async throws {
        try await TestServers.shared().withDatabase { url in
            let configuration = PostgresConfiguration(url("app"))
            let (steps, feed) = AsyncStream.makeStream(of: String.self)
            let load = Task {
                try await ERP.load(ERP.LoadOptions(scale: 0.05), into: configuration) { feed.yield($0.step) }
            }
            for await step in steps where step == "tasks" { break }

            load.cancel()
            let result = await load.result
            let connection = try await PostgresConnection.connect(configuration)
            let tables = try await self.texts(
                connection,
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
            )
            await connection.close()

            #expect(throws: (any Error).self) { try result.get() }
            #expect(tables.isEmpty)
        }
    }
}
