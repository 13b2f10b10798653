// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("SQL files as workloads")
struct SQLScriptTests {
    @Test("Statements have their line and their weight; comments and semicolons in quotes part nothing")
    func statements() {
        let script = SQLScript(
            """
            -- weight: 12.5
            SELECT ';' FROM a;

            /* two
               lines */
            SELECT 2;
            -- weight: nonsense
            SELECT $q$ ; $q$
            """,
            name: "shop.sql"
        )

        #expect(script.statements.map(\.name) == ["shop.sql:2", "shop.sql:6", "shop.sql:8"])
        #expect(script.statements.map(\.text) == ["SELECT ';' FROM a", "SELECT 2", "SELECT $q$ ; $q$"])
        #expect(script.statements.map(\.weight) == [.calls(12.5), .calls(1), .calls(1)])
    }

    @Test("Nothing is in an empty file")
    func empty() {
        #expect(SQLScript("  -- nothing\n", name: "a").statements == [])
    }
}
