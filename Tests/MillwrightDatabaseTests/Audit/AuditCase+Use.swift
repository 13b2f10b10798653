// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension AuditCase {
    /// A table with enough rows that its indexes are worth a finding.
    private static func big(_ name: String, _ more: String, columns: String = "") -> String {
        """
        CREATE TABLE \(name) (id int, a int, b text\(columns));
        INSERT INTO \(name) SELECT i, i, 'row ' || i FROM generate_series(1, 20000) AS i;
        \(more)
        """
    }

    static let unused = [
        AuditCase(
            "Big, and never read",
            Self.big("u01", "CREATE INDEX u01_a ON u01 (a)"),
            finds: ["indexes.W020 u01_a"]
        ),
        AuditCase(
            "An expression that nobody asks for",
            Self.big("u02", "CREATE INDEX u02_b ON u02 (lower(b))"),
            finds: ["indexes.W020 u02_b"]
        ),
        AuditCase(
            "The index of a partitioned table that no part of it was read by",
            """
            CREATE TABLE u03 (a int) PARTITION BY RANGE (a);
            CREATE TABLE u03_low PARTITION OF u03 FOR VALUES FROM (0) TO (10000);
            CREATE TABLE u03_high PARTITION OF u03 FOR VALUES FROM (10000) TO (30000);
            INSERT INTO u03 SELECT i FROM generate_series(1, 20000) AS i;
            CREATE INDEX u03_a ON u03 (a)
            """,
            finds: ["indexes.W020 u03_a"]
        ),
        AuditCase(
            "Two that serve one foreign key between them: one may go",
            """
            CREATE TABLE u04_parent (id int PRIMARY KEY); INSERT INTO u04_parent SELECT generate_series(1, 20000);
            """
                + Self.big(
                    "u04",
                    "CREATE INDEX u04_one ON u04 (a, id); CREATE INDEX u04_two ON u04 (a, b); "
                        + "ALTER TABLE u04 ADD FOREIGN KEY (a) REFERENCES u04_parent"
                ),
            finds: ["indexes.W020 u04_one"]
        ),
        AuditCase(
            "A covered index serves a foreign key, and what covers it does too: the covered one goes",
            """
            CREATE TABLE u05_parent (id int PRIMARY KEY); INSERT INTO u05_parent SELECT generate_series(1, 20000);
            """
                + Self.big(
                    "u05",
                    "CREATE INDEX u05_wide ON u05 (a, id); CREATE INDEX u05_narrow ON u05 (a); "
                        + "ALTER TABLE u05 ADD FOREIGN KEY (a) REFERENCES u05_parent"
                ),
            finds: ["indexes.W011 u05_narrow", "indexes.W020 u05_narrow"]
        ),
        AuditCase("Read", Self.big("u20", "CREATE INDEX u20_a ON u20 (a); SELECT scan('u20', 'a = 1', 25)")),
        AuditCase("Small", "CREATE TABLE u21 (a int); INSERT INTO u21 VALUES (1); CREATE INDEX u21_a ON u21 (a)"),
        AuditCase("A rule", Self.big("u22", "CREATE UNIQUE INDEX u22_a ON u22 (a)")),
        AuditCase("The primary key", Self.big("u23", "ALTER TABLE u23 ADD PRIMARY KEY (id)")),
        AuditCase(
            "The only support of a foreign key",
            "CREATE TABLE u24_parent (id int PRIMARY KEY); INSERT INTO u24_parent SELECT generate_series(1, 20000);"
                + Self.big(
                    "u24",
                    "CREATE INDEX u24_a ON u24 (a); ALTER TABLE u24 ADD FOREIGN KEY (a) REFERENCES u24_parent"
                )
        ),
        AuditCase(
            "The order of the table",
            Self.big("u25", "CREATE INDEX u25_a ON u25 (a); ALTER TABLE u25 CLUSTER ON u25_a")
        ),
        AuditCase(
            "The identity of rows for a subscriber",
            Self.big(
                "u26",
                "ALTER TABLE u26 ALTER a SET NOT NULL; CREATE UNIQUE INDEX u26_a ON u26 (a); "
                    + "ALTER TABLE u26 REPLICA IDENTITY USING INDEX u26_a"
            )
        ),
        AuditCase(
            "An exclusion constraint, which is not called unique",
            """
            CREATE TABLE u27 (a int4range, EXCLUDE USING gist (a WITH &&));
            INSERT INTO u27 SELECT int4range(i, i + 1) FROM generate_series(1, 8000) AS i
            """
        ),
        AuditCase(
            "The index of a partitioned table of which one part is read",
            """
            CREATE TABLE u28 (a int) PARTITION BY RANGE (a);
            CREATE TABLE u28_low PARTITION OF u28 FOR VALUES FROM (0) TO (10000);
            CREATE TABLE u28_high PARTITION OF u28 FOR VALUES FROM (10000) TO (30000);
            INSERT INTO u28 SELECT i FROM generate_series(1, 20000) AS i;
            CREATE INDEX u28_a ON u28 (a);
            SELECT scan('u28_low', 'a = 1', 30)
            """
        ),
        AuditCase(
            "A member of an extension",
            Self.big("u29", "CREATE INDEX u29_a ON u29 (a)"),
            asSuperuser: "ALTER EXTENSION pgstattuple ADD TABLE audit.u29"
        ),
    ]

    /// A referencing table of 20,000 rows; the referenced one has the key (a, b).
    private static func child(_ name: String, _ more: String, rows: Int = 20_000, key: String = "a, b") -> String {
        """
        CREATE TABLE \(name)_parent (a int, b int, PRIMARY KEY (\(key)));
        INSERT INTO \(name)_parent SELECT i, i FROM generate_series(1, 100) AS i;
        CREATE TABLE \(name) (a int, b int, c int, note text);
        INSERT INTO \(name) SELECT 1 + i % 100, 1 + i % 100, i, repeat('x', 60) FROM generate_series(1, \(rows)) AS i;
        ALTER TABLE \(name) ADD FOREIGN KEY (\(key)) REFERENCES \(name)_parent;
        \(more)
        """
    }

    static let foreignKeys = [
        AuditCase("No index at all", Self.child("f01", "", key: "a"), finds: ["indexes.W030 f01.f01_a_fkey"]),
        AuditCase(
            "No index, but little to look through, and a referenced table that never changes",
            Self.child("f02", "", rows: 6_000, key: "a"),
            finds: ["indexes.I031 f02.f02_a_fkey"]
        ),
        AuditCase("A key of two columns without one", Self.child("f03", ""), finds: ["indexes.W030 f03.f03_a_b_fkey"]),
        AuditCase(
            "A partial index that leaves rows out",
            Self.child("f04", "CREATE INDEX f04_a ON f04 (a) WHERE c > 19990", key: "a"),
            finds: ["indexes.W030 f04.f04_a_fkey"]
        ),
        AuditCase(
            "An index that begins with one of two columns",
            Self.child("f05", "CREATE UNIQUE INDEX f05_ac ON f05 (a, c)"),
            finds: ["indexes.I032 f05.f05_a_b_fkey"]
        ),
        AuditCase(
            "An index that is not valid",
            Self.child("f06", "CREATE INDEX f06_a ON f06 (a)", key: "a"),
            finds: ["indexes.W030 f06.f06_a_fkey", "indexes.E001 f06_a"],
            asSuperuser: "SELECT audit.mark_invalid('audit.f06_a')"
        ),
        AuditCase(
            "A partitioned table: one finding for the key, none for its parts",
            """
            CREATE TABLE f07_parent (a int PRIMARY KEY);
            CREATE TABLE f07 (a int REFERENCES f07_parent, b int) PARTITION BY RANGE (b);
            CREATE TABLE f07_low PARTITION OF f07 FOR VALUES FROM (0) TO (10);
            CREATE TABLE f07_high PARTITION OF f07 FOR VALUES FROM (10) TO (20)
            """,
            finds: ["indexes.I031 f07.f07_a_fkey"]
        ),
        AuditCase(
            "A partitioned table of which one part has an index of its own: the other is named",
            """
            CREATE TABLE f08_parent (a int PRIMARY KEY);
            CREATE TABLE f08 (a int REFERENCES f08_parent, b int) PARTITION BY RANGE (b);
            CREATE TABLE f08_low PARTITION OF f08 FOR VALUES FROM (0) TO (10);
            CREATE TABLE f08_high PARTITION OF f08 FOR VALUES FROM (10) TO (20);
            CREATE INDEX f08_low_a ON f08_low (a)
            """,
            finds: ["indexes.W030 f08.f08_a_fkey"]
        ),
        AuditCase("Exactly its columns", Self.child("f20", "CREATE INDEX f20_ab ON f20 (a, b)")),
        AuditCase("Its columns in another order", Self.child("f21", "CREATE INDEX f21_ba ON f21 (b, a)")),
        AuditCase(
            "A partial index of all rows that refer to anything",
            Self.child("f22", "CREATE INDEX f22_ab ON f22 (a, b) WHERE a IS NOT NULL AND b IS NOT NULL")
        ),
        AuditCase(
            "A hash index",
            Self.child("f23", "CREATE INDEX f23_a ON f23 USING hash (a); SELECT scan('f23', 'a = 1', 25)", key: "a")
        ),
        AuditCase("Its columns and one more", Self.child("f24", "CREATE UNIQUE INDEX f24_abc ON f24 (b, a, c)")),
        AuditCase("A small table", Self.child("f25", "", rows: 100, key: "a")),
        AuditCase(
            "A partitioned table with an index for all its parts",
            """
            CREATE TABLE f26_parent (a int PRIMARY KEY);
            CREATE TABLE f26 (a int REFERENCES f26_parent, b int) PARTITION BY RANGE (b);
            CREATE TABLE f26_low PARTITION OF f26 FOR VALUES FROM (0) TO (10);
            CREATE INDEX f26_a ON f26 (a)
            """
        ),
        AuditCase(
            "A partitioned table each of whose parts has an index of its own, not attached to anything",
            """
            CREATE TABLE f28_parent (a int PRIMARY KEY);
            CREATE TABLE f28 (a int REFERENCES f28_parent, b int) PARTITION BY RANGE (b);
            CREATE TABLE f28_low PARTITION OF f28 FOR VALUES FROM (0) TO (10);
            CREATE TABLE f28_high (c text, b int, a int);
            ALTER TABLE f28_high DROP COLUMN c;
            ALTER TABLE f28 ATTACH PARTITION f28_high FOR VALUES FROM (10) TO (20);
            CREATE INDEX f28_low_a ON f28_low (a);
            CREATE INDEX f28_high_a ON f28_high (a)
            """
        ),
        AuditCase(
            "A key to its own table, served by the primary key's first column",
            """
            CREATE TABLE f27 (a int UNIQUE, b int REFERENCES f27 (a), c int, note text, PRIMARY KEY (b, c));
            INSERT INTO f27 SELECT i, i, i, repeat('x', 60) FROM generate_series(1, 20000) AS i
            """
        ),
    ]
}
