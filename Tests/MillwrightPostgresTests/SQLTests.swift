// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import Testing

@Suite("SQL")
struct SQLTests {
    @Test("Interpolated values become parameters, names are quoted")
    func interpolation() {
        let missing: Int? = nil

        let sql: SQL =
            "SELECT \(identifier: "Odd \"ix\"") FROM t WHERE a = \(1) AND b = \("x'; DROP TABLE t") AND c = \(missing)"

        #expect(sql.text == #"SELECT "Odd ""ix""" FROM t WHERE a = $1 AND b = $2 AND c = $3"#)
        #expect(sql.binds.map(\.text) == ["1", "x'; DROP TABLE t", nil])
    }

    @Test("A statement put into another has its parameters renumbered, but not the text in its quotes")
    func nesting() {
        let condition: SQL = "price > \(10) AND note <> '$1' AND \"$1\" = \(2)"

        let sql: SQL = "SELECT \(0) WHERE \(condition) LIMIT \(5)"

        #expect(sql.text == "SELECT $1 WHERE price > $2 AND note <> '$1' AND \"$1\" = $3 LIMIT $4")
        #expect(sql.binds.map(\.text) == ["0", "10", "2", "5"])
    }

    @Test("Parts are joined with their values in order")
    func joined() {
        let sql = SQL.joined(["a = \(1)", "b = \(2)", "c"], separator: " AND ")

        #expect(sql.text == "a = $1 AND b = $2 AND c")
        #expect(sql.binds.map(\.text) == ["1", "2"])
    }

    @Test("Arrays, doubles and booleans are written as PostgreSQL reads them")
    func binds() {
        #expect(["a\"b", "c\\d", "e,f"].bind.text == #"{"a\"b","c\\d","e,f"}"#)
        #expect([Int]().bind.text == "{}")
        #expect(Double.infinity.bind.text == "Infinity")
        #expect(Double.nan.bind.text == "NaN")
        #expect(true.bind.text == "t")
    }
}
