// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Migrations

@Suite("SQL scripts")
struct SQLScriptTests {
    @Test(
        "A script is cut at the semicolons that end statements, and at no others",
        arguments: [
            ("SELECT 1; SELECT 2", ["SELECT 1", " SELECT 2"]),
            ("SELECT ';'; SELECT 'it''s;'", ["SELECT ';'", " SELECT 'it''s;'"]),
            (#"SELECT E'\';'; SELECT 1"#, [#"SELECT E'\';'"#, " SELECT 1"]),
            (#"SELECT 'a\'; SELECT 1"#, [#"SELECT 'a\'"#, " SELECT 1"]),
            (#"SELECT "a;b"; SELECT 1"#, [#"SELECT "a;b""#, " SELECT 1"]),
            ("SELECT 1 -- a; b\n; SELECT 2", ["SELECT 1 -- a; b\n", " SELECT 2"]),
            ("SELECT /* ; /* ; */ ; */ 1; SELECT 2", ["SELECT /* ; /* ; */ ; */ 1", " SELECT 2"]),
            ("DO $$ BEGIN; END; $$; SELECT 1", ["DO $$ BEGIN; END; $$", " SELECT 1"]),
            ("DO $x$ ; $$ ; $x$; SELECT 1", ["DO $x$ ; $$ ; $x$", " SELECT 1"]),
            ("SELECT a$b; SELECT $1; SELECT 3", ["SELECT a$b", " SELECT $1", " SELECT 3"]),
            ("-- only a comment;\n/* and another; */ ;\n", []),
            ("", []),
            ("SELECT 'never closed; ", ["SELECT 'never closed; "]),
        ]
    )
    func cuts(script: String, expected: [String]) {
        #expect(SQLScript.statements(of: script) == expected)
    }
}

@Suite("The mark for files without a transaction")
struct NoTransactionMarkTests {
    @Test(
        "The mark counts on a line of its own, however it is spaced",
        arguments: [
            ("-- millwright: no-transaction\nSELECT 1", true),
            ("SELECT 1;\n  --   millwright:  no-transaction ", true),
            ("-- not millwright: no-transaction", false),
            ("SELECT '-- millwright: no-transaction'", false),
        ]
    )
    func isFound(sql: String, expected: Bool) {
        #expect(Migration.isMarkedNoTransaction(sql) == expected)
    }
}
