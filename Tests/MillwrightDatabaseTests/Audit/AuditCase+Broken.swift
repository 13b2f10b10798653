// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension AuditCase {
    static let invalid = [
        AuditCase(
            "A concurrent build that met duplicates: neither read nor written",
            "CREATE TABLE i01 (a int); INSERT INTO i01 VALUES (1), (1)",
            finds: ["indexes.W002 i01_a"],
            failing: ["CREATE UNIQUE INDEX CONCURRENTLY i01_a ON audit.i01 (a)"]
        ),
        AuditCase(
            "A concurrent build that was stopped late: written, not read",
            "CREATE TABLE i02 (a int); CREATE INDEX i02_a ON i02 (a)",
            finds: ["indexes.E001 i02_a"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i02_a')"
        ),
        AuditCase(
            "The same of a unique index",
            "CREATE TABLE i03 (a int); CREATE UNIQUE INDEX i03_a ON i03 (a)",
            finds: ["indexes.E001 i03_a"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i03_a')"
        ),
        AuditCase(
            "What a failed REINDEX CONCURRENTLY leaves",
            "CREATE TABLE i04 (a int); CREATE INDEX i04_a ON i04 (a); CREATE INDEX i04_a_ccnew ON i04 (a)",
            finds: ["indexes.W003 i04_a_ccnew"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i04_a_ccnew')"
        ),
        AuditCase(
            "What one leaves that failed after the exchange",
            "CREATE TABLE i05 (a int); CREATE INDEX i05_a ON i05 (a); CREATE INDEX i05_a_ccold1 ON i05 (a)",
            finds: ["indexes.W003 i05_a_ccold1"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i05_a_ccold1')"
        ),
        AuditCase(
            "The remnant of a constraint's index that was rebuilt",
            "CREATE TABLE i06 (a int PRIMARY KEY); CREATE UNIQUE INDEX i06_pkey_ccnew ON i06 (a)",
            finds: ["indexes.W003 i06_pkey_ccnew"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i06_pkey_ccnew')"
        ),
        AuditCase(
            "A failed build that only sounds like a remnant: nothing else does its work",
            "CREATE TABLE i07 (a int); CREATE INDEX i07_a_ccnew ON i07 (a)",
            finds: ["indexes.E001 i07_a_ccnew"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i07_a_ccnew')"
        ),
        AuditCase(
            "The index of a partitioned table that waits for its members",
            """
            CREATE TABLE i08 (a int) PARTITION BY RANGE (a);
            CREATE TABLE i08_low PARTITION OF i08 FOR VALUES FROM (0) TO (10);
            CREATE INDEX i08_a ON ONLY i08 (a)
            """,
            finds: ["indexes.I004 i08_a"]
        ),
        AuditCase(
            "A hash index that pg_upgrade has marked",
            "CREATE TABLE i09 (a int); CREATE INDEX i09_a ON i09 USING hash (a)",
            finds: ["indexes.W005 i09_a"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i09_a')"
        ),
        AuditCase(
            "A constraint's index that is marked: no concurrent build ever made one",
            "CREATE TABLE i10 (a int4range, EXCLUDE USING gist (a WITH &&))",
            finds: ["indexes.W005 i10_a_excl"],
            asSuperuser: "SELECT audit.mark_invalid('audit.i10_a_excl')"
        ),
        AuditCase(
            "A valid index may be called as it likes",
            "CREATE TABLE i20 (a int); CREATE INDEX i20_a_ccnew ON i20 (a)"
        ),
        AuditCase(
            "The index of a partitioned table whose members are all there",
            """
            CREATE TABLE i21 (a int) PARTITION BY RANGE (a);
            CREATE TABLE i21_low PARTITION OF i21 FOR VALUES FROM (0) TO (10);
            CREATE INDEX i21_a ON ONLY i21 (a); CREATE INDEX i21_low_a ON i21_low (a);
            ALTER INDEX i21_a ATTACH PARTITION i21_low_a
            """
        ),
    ]

    static let sizes = [
        AuditCase(
            "An index that a mass deletion left nearly empty",
            """
            CREATE TABLE s01 (a int PRIMARY KEY, b text) WITH (autovacuum_enabled = off);
            INSERT INTO s01 SELECT i, 'x' FROM generate_series(1, 60000) AS i;
            DELETE FROM s01 WHERE a % 10 <> 0
            """,
            finds: ["indexes.W050 s01_pkey"]
        ),
        AuditCase(
            "An index that is bigger than its table since it is empty: swollen, not oversize",
            """
            CREATE TABLE s02 (a int PRIMARY KEY, b text) WITH (autovacuum_enabled = off);
            INSERT INTO s02 SELECT i, 'x' FROM generate_series(1, 60000) AS i;
            DELETE FROM s02 WHERE a > 500
            """,
            finds: ["indexes.W050 s02_pkey"]
        ),
        AuditCase(
            "An index that repeats the whole table",
            """
            CREATE TABLE s03 (a int, b text);
            INSERT INTO s03 SELECT i, repeat(md5(i::text), 12) FROM generate_series(1, 6000) AS i;
            CREATE INDEX s03_all ON s03 (a) INCLUDE (b);
            SELECT scan('s03', 'a = 1', 25)
            """,
            finds: ["indexes.I060 s03_all"]
        ),
        AuditCase(
            "A fill factor is no waste",
            """
            CREATE TABLE s10 (a int, b text);
            INSERT INTO s10 SELECT i, repeat('x', 100) FROM generate_series(1, 60000) AS i;
            CREATE UNIQUE INDEX s10_a ON s10 (a) WITH (fillfactor = 50)
            """
        ),
        AuditCase(
            "Equal keys are stored once",
            """
            CREATE TABLE s11 (a int, b text);
            INSERT INTO s11 SELECT i % 10, repeat('x', 100) FROM generate_series(1, 60000) AS i;
            CREATE INDEX s11_a ON s11 (a);
            SELECT scan('s11', 'a = 1', 100)
            """
        ),
        AuditCase(
            "An index on a column that updates set, read once: no update is HOT",
            """
            CREATE TABLE s20 (a int, state int) WITH (autovacuum_enabled = off);
            INSERT INTO s20 SELECT i, i FROM generate_series(1, 3000) AS i;
            CREATE INDEX s20_state ON s20 (state);
            SELECT scan('s20', 'state = 1', 1);
            UPDATE s20 SET state = state + 1
            """,
            finds: ["indexes.W070 s20_state"]
        ),
        AuditCase(
            "An index that inserts keep up and hardly anybody reads",
            """
            CREATE TABLE s21 (a int, b int);
            INSERT INTO s21 SELECT i, i FROM generate_series(1, 3000) AS i;
            CREATE INDEX s21_b ON s21 (b);
            SELECT scan('s21', 'b = 1', 1)
            """,
            finds: ["indexes.I071 s21_b"]
        ),
        AuditCase(
            "An index that is written and read",
            """
            CREATE TABLE s22 (a int, state int) WITH (autovacuum_enabled = off);
            INSERT INTO s22 SELECT i, i FROM generate_series(1, 3000) AS i;
            CREATE INDEX s22_state ON s22 (state);
            SELECT scan('s22', 'state = 1', 100);
            UPDATE s22 SET state = state + 1
            """
        ),
        AuditCase(
            "An index that no update touches, on a table that is updated in place",
            """
            CREATE TABLE s23 (a int, b int) WITH (fillfactor = 40, autovacuum_enabled = off);
            INSERT INTO s23 SELECT i, 0 FROM generate_series(1, 900) AS i;
            CREATE INDEX s23_a ON s23 (a);
            SELECT scan('s23', 'a = 1', 1);
            UPDATE s23 SET b = 1
            """
        ),
    ]
}
