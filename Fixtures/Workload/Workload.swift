// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightPostgres

/// People at work on the loaded ERP: look-ups, reports, boards, searches and a few writes, through Millwright's drivers.
///
/// Each client is one person after another on one connection: a few reads from the caches, then one statement or
/// transaction. Parameters are drawn as the data was: what is frequent there is asked for often.
public struct Workload: Sendable {
    /// How long to go on.
    public var duration: Duration
    /// How many clients work at the same time, each on a connection of its own.
    public var clients: Int
    /// The same seed asks the same questions, in an order that time decides.
    public var seed: UInt64
    /// The schema that was loaded.
    public var schema: String
    /// How many reads from the caches come before each operation.
    static let readsPerOperation = 4

    /// Creates a workload.
    public init(duration: Duration, clients: Int = 8, seed: UInt64 = 1, schema: String = "public") {
        self.duration = duration
        self.clients = max(1, clients)
        self.seed = seed
        self.schema = schema
    }

    /// Runs until the time is over; caches may be left out.
    ///
    /// - Throws: ``LoadError`` where nothing was loaded; `PostgresError` where the server goes away. What the server refuses
    ///   while it is there is counted and does not stop the rest.
    public func run(
        database: PostgresConfiguration,
        caches: [WorkloadCache] = [],
        progress: @escaping @Sendable (_ share: Double) -> Void = { _ in }
    ) async throws -> WorkloadSummary {
        let world = try await self.world(database)
        let (start, beganAt) = (ContinuousClock.now, time(nil))
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for number in 0..<self.clients {
                group.addTask {
                    let client = WorkloadClient(
                        number: number,
                        workload: self,
                        world: world,
                        caches: caches,
                        beganAt: beganAt
                    )
                    return try await client.work(on: database) { if number == 0 { progress($0) } }
                }
            }
            var all = Tally()
            for try await tally in group { all.add(tally) }
            return all
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return tally.summary(of: Operation.all.map(\.name) + [WorkloadClient.cacheRead], seconds: seconds)
    }

    /// The world that was loaded: its size stands in the tables' comment.
    private func world(_ database: PostgresConfiguration) async throws -> World {
        let connection = try await PostgresConnection.connect(database)
        let rows = try await connection.query(
            """
            /* millwright:fixture-mark */
            SELECT obj_description(c.oid, 'pg_class')
            FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = \(self.schema) AND c.relname = 'erp_product'
            """
        )
        await connection.close()
        guard let mark = LoadMark(try rows.first?.get(0, as: String?.self)), mark.isComplete else {
            throw LoadError.nothingLoaded(schema: self.schema)
        }
        return World(volume: Volume(scale: mark.scale), seed: mark.seed)
    }
}
