// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Workloads from a server's log")
struct ServerLogTests {
    private static let plain = """
        2026-08-01 10:00:00.123 UTC [71] app@erp LOG:  duration: 12.5 ms  statement: SELECT *
        \tFROM orders
        \tWHERE tenant = 7;
        2026-08-01 10:00:00.200 UTC [71] app@erp LOG:  duration: 0.1 ms  parse <unnamed>: SELECT 1
        2026-08-01 10:00:01 UTC [72] app@erp LOG:  duration: 3.5 ms  execute s1: SELECT id FROM orders WHERE note = $1 AND a = $2
        2026-08-01 10:00:01 UTC [72] app@erp DETAIL:  parameters: $1 = 'it''s $2 = 9', $2 = NULL
        2026-08-01 10:00:02 UTC [72] app@erp ERROR:  relation "x" does not exist at character 15
        2026-08-01 10:00:02 UTC [72] app@erp STATEMENT:  SELECT * FROM x
        2026-08-01 10:00:03 UTC [73] app@erp LOG:  duration: 500.0 ms  statement: SELECT * FROM orders WHERE tenant = 8;
        2026-08-01 10:00:03 UTC [73] app@erp LOG:  duration: 20 ms  statement: SELECT * FROM orders WHERE tenant = 9;
        2026-08-01 10:00:04 UTC [73] app@erp LOG:  duration: 20 ms  statement: SELECT * FROM orders WHERE tenant = 1;
        2026-08-01 10:00:04 UTC [9] LOG:  checkpoint starting: time

        """

    private func workload(_ text: String) throws -> [WorkloadStatement] {
        LogWorkload(try #require(ServerLog.records(in: text)), name: "pg.log").statements
    }

    @Test(
        "Of a plain log statements of one shape count together, by the slowest, the first and the last; others stay apart"
    )
    func plain() throws {
        let statements = try self.workload(Self.plain)

        #expect(statements.map(\.name) == ["pg.log:9", "pg.log:1", "pg.log:11", "pg.log:5"])
        #expect(
            statements.map(\.text) == [
                "SELECT * FROM orders WHERE tenant = 8;", "SELECT *\nFROM orders\nWHERE tenant = 7;",
                "SELECT * FROM orders WHERE tenant = 1;", "SELECT id FROM orders WHERE note = $1 AND a = $2",
            ]
        )
        #expect(statements.prefix(3).allSatisfy { $0.calls == 4.0 / 3 })
        for statement in statements.prefix(3) {
            if case .seconds(let seconds) = statement.weight {
                #expect(abs(seconds - 0.5525 / 3) < 1e-9)
            } else {
                Issue.record("it was timed")
            }
        }
        #expect(statements[3].weight == .seconds(0.0035))
        #expect(statements[3].values == [1: "'it''s $2 = 9'", 2: "NULL"])
    }

    @Test("CSV and JSON logs say the same, with the database")
    func otherFormats() throws {
        let csv = """
            2026-08-01 10:00:00.123 UTC,"app","erp",71,"[local]",66ab.47,1,"SELECT",2026-08-01 10:00:00 UTC,3/4,0,LOG,00000,\
            "duration: 12.5 ms  execute <unnamed>: SELECT ""A b""
            FROM t WHERE a = $1","parameters: $1 = '5'",,,,,,,,"psql","client backend",,0
            2026-08-01 10:00:01 UTC,"app","erp",71,"[local]",66ab.47,2,"x",2026-08-01 10:00:00 UTC,3/5,0,ERROR,42P01,"no",,,,,,,,,"psql"

            """
        let json = """
            {"timestamp":"2026-08-01 10:00:00.123 UTC","user":"app","dbname":"erp","pid":71,"error_severity":"LOG","message":\
            "duration: 12.5 ms  execute <unnamed>: SELECT \\"A b\\"\\nFROM t WHERE a = $1","detail":"parameters: $1 = '5'"}

            """
        for text in [csv, json] {
            let statements = try self.workload(text)

            #expect(statements.count == 1)
            #expect(statements.first?.text == "SELECT \"A b\"\nFROM t WHERE a = $1")
            #expect(statements.first?.values == [1: "'5'"])
            #expect(statements.first?.database == "erp")
            #expect(statements.first?.weight == .seconds(0.0125))
        }
    }

    @Test("auto_explain's plans give their queries, as text and as JSON; but not where the server timed them as well")
    func autoExplain() throws {
        let explained = """
            2026-08-01 10:00:00 UTC [7] LOG:  duration: 8.000 ms  plan:
            \tQuery Text: SELECT *
            \t  FROM t WHERE a = $1
            \tQuery Parameters: $1 = 'x'
            \tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)
            \t  Filter: (a = 'x'::text)
            2026-08-01 10:00:00 UTC [7] LOG:  duration: 2.000 ms  plan:
            \t{
            \t  "Query Text": "SELECT 2 FROM t",
            \t  "Plan": { "Node Type": "Seq Scan" }
            \t}

            """
        let statements = try self.workload(explained)
        let both = try self.workload(
            explained + "2026-08-01 10:00:00 UTC [7] LOG:  duration: 8.1 ms  statement: SELECT 2 FROM t\n"
        )

        #expect(statements.map(\.text) == ["SELECT *\n  FROM t WHERE a = $1", "SELECT 2 FROM t"])
        #expect(statements.map(\.weight) == [.seconds(0.008), .seconds(0.002)])
        #expect(statements[0].values == [1: "'x'"])
        #expect(both.map(\.text) == ["SELECT 2 FROM t"])
        #expect(both.map(\.weight) == [.seconds(0.0081)])
    }

    @Test("Without times statements weigh as often as they ran; what is no log is none")
    func untimed() throws {
        let statements = try self.workload(
            """
            < 2026-08-01 10:00:00 UTC > LOG:  statement: SELECT * FROM t WHERE a = 1
            < 2026-08-01 10:00:00 UTC > LOG:  statement: SELECT * FROM t WHERE a = 1
            """
        )

        #expect(statements.map(\.weight) == [.calls(2)])
        for text in ["SELECT 1;\nSELECT 2", "-- weight: 5\nSELECT 'LOG:  x'", "", "{}", "a,b,c\n1,2,3\n"] {
            #expect(ServerLog.records(in: text) == nil, "\(text)")
        }
    }

    @Test("A value that the log cut off is not taken for a real one")
    func cut() {
        #expect(LoggedStatement.values(in: "Parameters: $1 = 'abc...', $2 = '7'") == [2: "'7'"])
        #expect(LoggedStatement.values(in: "parameters: $1 = 'abc") == [:])
        #expect(LoggedStatement.values(in: "") == [:])
    }
}
