// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("manage is killed while it builds an index", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct KilledBuildTests {
    /// `gated(a)` does not return while somebody holds the advisory lock 7.
    private static let table = """
        CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i;
        CREATE FUNCTION gated(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
            WHILE NOT pg_try_advisory_lock_shared(7) LOOP PERFORM pg_sleep(0.01); END LOOP;
            PERFORM pg_advisory_unlock_shared(7);
            RETURN $1;
        END $$;
        """

    private func connected<Value: Sendable>(
        _ url: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    // the index that is rehearsed before is not CONCURRENTLY
    private static let builds: SQL = """
        SELECT FROM pg_stat_progress_create_index
        WHERE datname = current_database() AND command = 'CREATE INDEX CONCURRENTLY'
        """
    private static let indexes: SQL =
        "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 't'::regclass"

    @Test(
        "By kill -9: the server gives the build up by itself, and the next run drops what is left, builds, and notes both"
    )
    func killed() async throws {
        try await TestServers.shared().withDatabase { url in
            let (app, superuser) = (url("app"), url("postgres"))
            let build = ["index_build", "CREATE INDEX ix ON t (gated(a))", "--apply"]
            let migrated = try await ManageProcess(arguments: ["migrate"], environment: ["DATABASE_URL": app]).run()
            #expect(migrated.code == 0, "\(migrated)")
            try await self.connected(app) { gate in
                try await gate.run(script: Self.table)
                try await gate.run(script: "SELECT pg_advisory_lock(7)")
                var process = ManageProcess(arguments: build, environment: ["DATABASE_URL": app])
                process.killWhen = {
                    try await self.connected(superuser) { try await !$0.query(Self.builds).isEmpty }
                }

                let killed = try await process.run()
                // nobody cancels it: the server sees that its client is gone
                try await self.connected(superuser) { other in
                    while try await !other.query(Self.builds).isEmpty { try await Task.sleep(for: .milliseconds(50)) }
                }
                let left = try await gate.query(Self.indexes, as: (String, Bool).self)
                try await gate.run(script: "SELECT pg_advisory_unlock(7)")
                let again = try await ManageProcess(arguments: build, environment: ["DATABASE_URL": app]).run()

                #expect(killed.ending == .signalled(9), "\(killed)")
                #expect(left.map(\.0) == ["ix"] && left.map(\.1) == [false])
                #expect(again.code == 0, "\(again)")
                #expect(try await gate.query(Self.indexes, as: (String, Bool).self).map(\.1) == [true])
                let journal = try await gate.query(
                    "SELECT state FROM millwright.journal ORDER BY id",
                    as: String.self
                )
                #expect(journal == ["abandoned", "done", "done"])
            }
        }
    }
}
