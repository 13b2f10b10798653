// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension AuditCase {
    static let duplicates = [
        AuditCase(
            "The same columns twice",
            "CREATE TABLE d01 (a int); CREATE INDEX d01_one ON d01 (a); CREATE INDEX d01_two ON d01 (a)",
            finds: ["indexes.W010 d01_two"]
        ),
        AuditCase(
            "One column, read backwards",
            "CREATE TABLE d02 (a int); CREATE INDEX d02_one ON d02 (a); CREATE INDEX d02_two ON d02 (a DESC)",
            finds: ["indexes.W010 d02_two"]
        ),
        AuditCase(
            "Two columns, both read backwards",
            """
            CREATE TABLE d03 (a int, b int); CREATE INDEX d03_one ON d03 (a, b DESC NULLS LAST);
            CREATE INDEX d03_two ON d03 (a DESC, b NULLS FIRST)
            """,
            finds: ["indexes.W010 d03_two"]
        ),
        AuditCase(
            "The same predicate, written elsewhere in the statement",
            """
            CREATE TABLE d04 (a int, b int); CREATE INDEX d04_one ON d04 (a) WHERE b = 1;
            CREATE INDEX d04_a_much_longer_name ON d04 USING btree (a) WHERE (b = 1)
            """,
            finds: ["indexes.W010 d04_a_much_longer_name"]
        ),
        AuditCase(
            "The same expression",
            """
            CREATE TABLE d05 (a text); CREATE INDEX d05_one ON d05 (lower(a));
            CREATE INDEX d05_longer_name ON d05 ((lower(a)))
            """,
            finds: ["indexes.W010 d05_longer_name"]
        ),
        AuditCase(
            "INCLUDE columns in another order",
            """
            CREATE TABLE d06 (a int, b int, c int); CREATE INDEX d06_one ON d06 (a) INCLUDE (b, c);
            CREATE INDEX d06_two ON d06 (a) INCLUDE (c, b)
            """,
            finds: ["indexes.W010 d06_two"]
        ),
        AuditCase(
            "A unique index beside the constraint's own, made before it",
            "CREATE TABLE d07 (a int); CREATE UNIQUE INDEX d07_early ON d07 (a); ALTER TABLE d07 ADD UNIQUE (a)",
            finds: ["indexes.W010 d07_early"]
        ),
        AuditCase(
            "Two indexes of a partitioned table: the roots are named, no member is",
            """
            CREATE TABLE d08 (a int) PARTITION BY RANGE (a);
            CREATE TABLE d08_low PARTITION OF d08 FOR VALUES FROM (0) TO (10);
            CREATE INDEX d08_one ON d08 (a); CREATE INDEX d08_two ON d08 (a)
            """,
            finds: ["indexes.W010 d08_two"]
        ),
        AuditCase(
            "A partition's own index beside the one that belongs to the whole",
            """
            CREATE TABLE d09 (a int) PARTITION BY RANGE (a);
            CREATE TABLE d09_low PARTITION OF d09 FOR VALUES FROM (0) TO (10);
            CREATE TABLE d09_more PARTITION OF d09 FOR VALUES FROM (10) TO (20);
            CREATE INDEX d09_whole ON d09 (a);
            CREATE INDEX d09_own ON d09_low (a)
            """,
            finds: ["indexes.W010 d09_own"]
        ),
        AuditCase(
            "The same GIN index twice",
            "CREATE TABLE d10 (a int[]); CREATE INDEX d10_one ON d10 USING gin (a); CREATE INDEX d10_two ON d10 USING gin (a)",
            finds: ["indexes.W010 d10_two"]
        ),
        AuditCase(
            "The same hash index twice",
            "CREATE TABLE d11 (a int); CREATE INDEX d11_one ON d11 USING hash (a); CREATE INDEX d11_two ON d11 USING hash (a)",
            finds: ["indexes.W010 d11_two"]
        ),
        AuditCase(
            "Of two unique indexes a foreign key refers to one, which stays although it is younger",
            """
            CREATE TABLE d12 (a int); CREATE UNIQUE INDEX d12_target ON d12 (a);
            CREATE TABLE d12_child (a int REFERENCES d12 (a));
            CREATE UNIQUE INDEX d12_other ON d12 (a)
            """,
            finds: ["indexes.W010 d12_other"]
        ),
        AuditCase(
            "The replica identity stays",
            """
            CREATE TABLE d13 (a int NOT NULL); CREATE UNIQUE INDEX d13_one ON d13 (a);
            CREATE UNIQUE INDEX d13_identity ON d13 (a); ALTER TABLE d13 REPLICA IDENTITY USING INDEX d13_identity
            """,
            finds: ["indexes.W010 d13_one"]
        ),
        AuditCase(
            "The clustered index stays",
            """
            CREATE TABLE d14 (a int); CREATE INDEX d14_one ON d14 (a); CREATE INDEX d14_order ON d14 (a);
            ALTER TABLE d14 CLUSTER ON d14_order
            """,
            finds: ["indexes.W010 d14_one"]
        ),
        AuditCase(
            "Storage parameters make no difference to a reader",
            "CREATE TABLE d15 (a int); CREATE INDEX d15_one ON d15 (a); CREATE INDEX d15_two ON d15 (a) WITH (fillfactor = 70)",
            finds: ["indexes.W010 d15_two"]
        ),
        AuditCase(
            "Names that need quotes",
            "CREATE TABLE \"D 16\" (\"A b\" int); CREATE INDEX \"Ix\" ON \"D 16\" (\"A b\"); CREATE INDEX \"Ix two\" ON \"D 16\" (\"A b\")",
            finds: ["indexes.W010 \"Ix two\""]
        ),
        AuditCase(
            "Another collation",
            "CREATE TABLE d20 (a text); CREATE INDEX d20_one ON d20 (a); CREATE INDEX d20_two ON d20 (a COLLATE \"POSIX\")"
        ),
        AuditCase(
            "Another operator class",
            "CREATE TABLE d21 (a text); CREATE INDEX d21_one ON d21 (a); CREATE INDEX d21_two ON d21 (a text_pattern_ops)"
        ),
        AuditCase(
            "One of two columns turned round",
            "CREATE TABLE d22 (a int, b int); CREATE INDEX d22_one ON d22 (a, b); CREATE INDEX d22_two ON d22 (a, b DESC)"
        ),
        AuditCase(
            "NULLs at the other end",
            "CREATE TABLE d23 (a int); CREATE INDEX d23_one ON d23 (a); CREATE INDEX d23_two ON d23 (a NULLS FIRST)"
        ),
        AuditCase(
            "Another predicate",
            """
            CREATE TABLE d24 (a int, b int); CREATE INDEX d24_one ON d24 (a) WHERE b = 1;
            CREATE INDEX d24_two ON d24 (a) WHERE b = 2
            """
        ),
        AuditCase(
            "NULLS NOT DISTINCT enforces another rule",
            """
            CREATE TABLE d25 (a int); CREATE UNIQUE INDEX d25_one ON d25 (a);
            CREATE UNIQUE INDEX d25_two ON d25 (a) NULLS NOT DISTINCT
            """
        ),
        AuditCase(
            "Another access method",
            "CREATE TABLE d26 (a int); CREATE INDEX d26_one ON d26 (a); CREATE INDEX d26_two ON d26 USING hash (a)"
        ),
        AuditCase(
            "Another expression",
            "CREATE TABLE d27 (a text); CREATE INDEX d27_one ON d27 (lower(a)); CREATE INDEX d27_two ON d27 (upper(a))"
        ),
        AuditCase(
            "Two constraints on the same column",
            "CREATE TABLE d28 (a int UNIQUE); ALTER TABLE d28 ADD UNIQUE (a)"
        ),
        AuditCase(
            "A constraint that is checked at the end, beside a unique index that checks at once",
            "CREATE TABLE d29 (a int UNIQUE DEFERRABLE); CREATE UNIQUE INDEX d29_two ON d29 (a)"
        ),
        AuditCase(
            "Members of an extension are its own affair",
            "CREATE TABLE d30 (a int); CREATE INDEX d30_one ON d30 (a); CREATE INDEX d30_two ON d30 (a)",
            asSuperuser: "ALTER EXTENSION pgstattuple ADD TABLE audit.d30"
        ),
    ]

    static let covered = [
        AuditCase(
            "The first key of a wider index",
            "CREATE TABLE c01 (a int, b int); CREATE INDEX c01_a ON c01 (a); CREATE INDEX c01_ab ON c01 (a, b)",
            finds: ["indexes.W011 c01_a"]
        ),
        AuditCase(
            "The first keys of a wider index, read backwards",
            """
            CREATE TABLE c02 (a int, b int, c int); CREATE INDEX c02_ab ON c02 (a DESC, b DESC);
            CREATE INDEX c02_abc ON c02 (a, b, c)
            """,
            finds: ["indexes.W011 c02_ab"]
        ),
        AuditCase(
            "A plain index beside a unique one",
            "CREATE TABLE c03 (a int); CREATE INDEX c03_plain ON c03 (a); CREATE UNIQUE INDEX c03_unique ON c03 (a)",
            finds: ["indexes.W011 c03_plain"]
        ),
        AuditCase(
            "INCLUDE columns that the wider index has as keys",
            """
            CREATE TABLE c04 (a int, b int, c int); CREATE INDEX c04_narrow ON c04 (a) INCLUDE (b);
            CREATE INDEX c04_wide ON c04 (a, b, c)
            """,
            finds: ["indexes.W011 c04_narrow"]
        ),
        AuditCase(
            "An expression that begins a wider index",
            "CREATE TABLE c05 (a text, b int); CREATE INDEX c05_l ON c05 (lower(a)); CREATE INDEX c05_lb ON c05 (lower(a), b)",
            finds: ["indexes.W011 c05_l"]
        ),
        AuditCase(
            "An expression that begins a wider index with another expression behind it",
            """
            CREATE TABLE c06 (a text, b text); CREATE INDEX c06_l ON c06 (lower(a));
            CREATE INDEX c06_lu ON c06 (lower(a), upper(b))
            """,
            finds: ["indexes.W011 c06_l"]
        ),
        AuditCase(
            "Both partial, with the same predicate",
            """
            CREATE TABLE c07 (a int, b int, c int); CREATE INDEX c07_a ON c07 (a) WHERE c > 0;
            CREATE INDEX c07_ab ON c07 (a, b) WHERE (c > 0)
            """,
            finds: ["indexes.W011 c07_a"]
        ),
        AuditCase(
            "The first column of the primary key",
            "CREATE TABLE c08 (a int, b int, PRIMARY KEY (a, b)); CREATE INDEX c08_a ON c08 (a)",
            finds: ["indexes.W011 c08_a"]
        ),
        AuditCase(
            "Roots of a partitioned table",
            """
            CREATE TABLE c09 (a int, b int) PARTITION BY RANGE (a);
            CREATE TABLE c09_low PARTITION OF c09 FOR VALUES FROM (0) TO (10);
            CREATE INDEX c09_a ON c09 (a); CREATE INDEX c09_ab ON c09 (a, b)
            """,
            finds: ["indexes.W011 c09_a"]
        ),
        AuditCase(
            "A partition's own index under the wider one of the whole",
            """
            CREATE TABLE c10 (a int, b int) PARTITION BY RANGE (a);
            CREATE TABLE c10_low PARTITION OF c10 FOR VALUES FROM (0) TO (10);
            CREATE INDEX c10_ab ON c10 (a, b); CREATE INDEX c10_own ON c10_low (a)
            """,
            finds: ["indexes.W011 c10_own"]
        ),
        AuditCase(
            "A partial index under a full one is smaller",
            "CREATE TABLE c20 (a int, b int); CREATE INDEX c20_a ON c20 (a) WHERE b = 1; CREATE INDEX c20_ab ON c20 (a, b)"
        ),
        AuditCase(
            "Any column of a GIN index can be used alone",
            """
            CREATE TABLE c21 (a int[], b int[]); CREATE INDEX c21_a ON c21 USING gin (a);
            CREATE INDEX c21_ab ON c21 USING gin (a, b)
            """
        ),
        AuditCase(
            "BRIN knows no prefix",
            """
            CREATE TABLE c22 (a int, b int); CREATE INDEX c22_a ON c22 USING brin (a);
            CREATE INDEX c22_ab ON c22 USING brin (a, b)
            """
        ),
        AuditCase(
            "The prefix with another collation",
            """
            CREATE TABLE c23 (a text, b int); CREATE INDEX c23_a ON c23 (a COLLATE "POSIX");
            CREATE INDEX c23_ab ON c23 (a, b)
            """
        ),
        AuditCase(
            "A unique index is a rule",
            "CREATE TABLE c24 (a int, b int); CREATE UNIQUE INDEX c24_a ON c24 (a); CREATE INDEX c24_ab ON c24 (a, b)"
        ),
        AuditCase(
            "The second column begins nothing",
            "CREATE TABLE c25 (a int, b int); CREATE INDEX c25_b ON c25 (b); CREATE INDEX c25_ab ON c25 (a, b)"
        ),
        AuditCase(
            "An INCLUDE column that the wider index has not",
            """
            CREATE TABLE c26 (a int, b int, c int); CREATE INDEX c26_a ON c26 (a) INCLUDE (c);
            CREATE INDEX c26_ab ON c26 (a, b)
            """
        ),
        AuditCase(
            "The clustered index orders the table",
            """
            CREATE TABLE c27 (a int, b int); CREATE INDEX c27_a ON c27 (a); CREATE INDEX c27_ab ON c27 (a, b);
            ALTER TABLE c27 CLUSTER ON c27_a
            """
        ),
        AuditCase(
            "A covering index that is more than ten times as big",
            """
            CREATE TABLE c28 (a int, b text, c text);
            INSERT INTO c28
            SELECT i % 10, repeat(md5(i::text), 12), repeat('x', 300) FROM generate_series(1, 20000) AS i;
            CREATE INDEX c28_a ON c28 (a); CREATE INDEX c28_ab ON c28 (a, b);
            SELECT scan('c28', 'a = 1 AND b = ''x''', 25)
            """
        ),
        AuditCase(
            "The wider index is not valid",
            "CREATE TABLE c29 (a int, b int); CREATE INDEX c29_a ON c29 (a); CREATE INDEX c29_ab ON c29 (a, b)",
            finds: ["indexes.E001 c29_ab"],
            asSuperuser: "SELECT audit.mark_invalid('audit.c29_ab')"
        ),
    ]
}
