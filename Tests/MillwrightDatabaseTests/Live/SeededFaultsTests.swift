// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightTesting
import Testing

@Suite("Seeded faults on a live server", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SeededFaultsTests {
    @Test("Each faulty index is found, and no other")
    func indexes() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(Self.indexFaults)
            try await database.run("VACUUM ANALYZE")
            try? await database.run("CREATE UNIQUE INDEX CONCURRENTLY failed ON child (state);")

            let sections = try await database.sections(of: [.indexes])

            #expect(
                sections.marks == [
                    "indexes.W002 public.failed",
                    "indexes.I004 public.parts_waiting",
                    "indexes.W010 public.child_tenant_again",
                    "indexes.W010 public.child_amount_backwards",
                    "indexes.W011 public.child_note",
                    "indexes.W020 public.child_lower",
                    "indexes.W020 public.child_note",
                    "indexes.W020 public.child_note_created",
                    "indexes.W020 public.child_tenant",
                    "indexes.W020 public.child_tenant_again",
                    "indexes.W020 public.child_amount",
                    "indexes.W020 public.child_amount_backwards",
                    "indexes.W020 public.\"Odd ix\"",
                    "indexes.W030 public.child.child_other_fkey",
                    "indexes.W050 public.swollen_pkey",
                ]
            )
        }
    }

    @Test("A statement that scans a big table gets an index on what it asks, proved by the planner; a small table none")
    func missingIndexes() async throws {
        try await LiveDatabase.lend { database in
            try await database.run(
                """
                CREATE TABLE orders (id int PRIMARY KEY, tenant int, status text, created timestamptz, "Odd column" int);
                INSERT INTO orders SELECT i, i % 2000, 'open', now() - i * interval '1 min', i
                FROM generate_series(1, 60000) AS i;
                CREATE TABLE small (id int, tenant int);
                INSERT INTO small SELECT i, i FROM generate_series(1, 2000) AS i;
                """
            )
            try await database.run("VACUUM ANALYZE")
            try await database.connected { connection in
                for tenant in 1...15 {
                    _ = try await connection.query(
                        "SELECT * FROM orders AS o WHERE o.tenant = \(tenant) ORDER BY o.created DESC LIMIT 10"
                    )
                    _ = try await connection.query("SELECT count(*) FROM orders WHERE \"Odd column\" = \(tenant)")
                    _ = try await connection.query("SELECT count(*) FROM orders WHERE status = \("open")")
                    _ = try await connection.query("SELECT * FROM small WHERE tenant = \(tenant)")
                    _ = try await connection.query("SELECT * FROM orders WHERE id = \(tenant)")
                }
            }

            let sections = try await database.sections(of: [.indexes, .queries])

            let marks = sections.marks.filter { $0.hasPrefix("indexes.W040") }
            #expect(
                marks == [
                    "indexes.W040 public.orders (tenant, created)",
                    "indexes.W040 public.orders (\"Odd column\")",
                ]
            )
            let hurried = try await database.sections(
                of: [.indexes, .queries],
                thresholds: ["missing-indexes": ["planningTime": "0s"]]
            )
            guard case .unknown(let reason, let cure) = hurried.verdict(of: "missing-indexes") else {
                Issue.record("without time for the planner the verdict is not unknown")
                return
            }
            #expect(reason.contains("orders"))
            #expect(cure?.contains("checks.missing-indexes.planningTime") ?? false)
        }
    }

    private static let indexFaults = """
        CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
        CREATE TABLE other (id int PRIMARY KEY);
        INSERT INTO parent SELECT i, i FROM generate_series(1, 100) AS i;
        INSERT INTO other SELECT i FROM generate_series(1, 100) AS i;
        CREATE TABLE child (
            id bigint PRIMARY KEY, a int, b int, other int REFERENCES other, tenant int, amount numeric, note text,
            state text, created date, "Odd column" int, FOREIGN KEY (a, b) REFERENCES parent);
        INSERT INTO child
            SELECT i, 1 + i % 100, 1 + i % 100, 1 + i % 100, i % 50, i, repeat('x', 100), 'open', current_date, i
            FROM generate_series(1, 20000) AS i;
        CREATE INDEX child_reference ON child (b, a);
        CREATE INDEX child_tenant ON child (tenant) WHERE state = 'open';
        CREATE INDEX child_tenant_again ON child (tenant) WHERE state = 'open';
        CREATE INDEX child_amount ON child (amount, id);
        CREATE INDEX child_amount_backwards ON child (amount DESC, id DESC);
        CREATE INDEX child_note ON child (note);
        CREATE INDEX child_note_created ON child (note, created);
        CREATE INDEX child_lower ON child (lower(state));
        CREATE INDEX "Odd ix" ON child ("Odd column");
        CREATE TABLE swollen (id int PRIMARY KEY, filler text);
        INSERT INTO swollen SELECT i, 'x' FROM generate_series(1, 200000) AS i;
        DELETE FROM swollen WHERE id % 10 <> 0;
        CREATE TABLE parts (id int, day date) PARTITION BY RANGE (day);
        CREATE TABLE parts_one PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE INDEX parts_waiting ON ONLY parts (day);
        """
}
