// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Definitions for a scratch copy")
struct SchemaDumpTests {
    @Test("A script is taken apart, functions stay whole, and what is for psql alone is left out")
    func statements() {
        let script = """
            \\restrict abc
            SET client_encoding = 'UTF8';
            CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN; RETURN 1; END; $$;
            \\unrestrict abc
            """

        let statements = SchemaDump.statements(of: script)

        #expect(statements.count == 2)
        #expect(statements[0].contains("client_encoding"))
        #expect(statements[1].hasSuffix("END; $$"))
    }

    @Test(
        "Keys, indexes and statistics are made; triggers, rules and policies are not",
        arguments: [
            ("CREATE INDEX i ON public.t USING btree (a)", true),
            ("ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (a)", true),
            ("ALTER INDEX public.p ATTACH PARTITION public.c", true),
            ("CREATE STATISTICS public.s ON a, b FROM public.t", true),
            ("CREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()", false),
            ("ALTER TABLE public.t DISABLE TRIGGER g", false),
            ("CREATE RULE r AS ON DELETE TO public.t DO INSTEAD NOTHING", false),
            ("CREATE POLICY p ON public.t USING (true)", false),
            ("ALTER TABLE public.t ENABLE ROW LEVEL SECURITY", false),
        ]
    )
    func wanted(statement: String, isWanted: Bool) {
        #expect(SchemaDump.isWanted(statement) == isWanted)
    }

    @Test("Relations are named as statements name them")
    func relationNames() {
        let text = "WITH x AS (SELECT 1) SELECT * FROM shop.\"Odd t\" JOIN orders USING (id), x"

        #expect(QueryParser.tree(of: text)?.relationNames == ["shop.\"Odd t\"", "orders", "x"])
    }
}
