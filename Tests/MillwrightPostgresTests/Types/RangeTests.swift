// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Ranges", .timeLimit(.minutes(1)))
struct RangeTests {
    @Test("A value is in a range between its bounds, and on them where they are counted in")
    func contains() {
        let range = PostgresRange(from: 1, upTo: 5)
        let other = PostgresRange(from: 1, includesLower: false, upTo: 5, includesUpper: true)

        #expect([0, 1, 4, 5].map(range.contains) == [false, true, true, false])
        #expect([0, 1, 4, 5, 6].map(other.contains) == [false, false, true, true, false])
        #expect(PostgresRange(from: nil, upTo: 5).contains(-1_000))
        #expect(!PostgresRange<Int>.empty.contains(1))
    }

    @Test(
        "What PostgreSQL writes is read, from text and from binary",
        arguments: ["int4range", "int8range", "numrange"]
    )
    func numbers(type: String) async throws {
        let connection = try await PostgresConnection.connect(testConfiguration())
        let texts = ["[1,5)", "(,5)", "[1,)", "(,)", "empty", "[-7,-7]"]

        for format in [PostgresFormat.text, .binary] {
            let rows = try await connection.query(
                SQL(unsafe: "SELECT " + texts.map { "'\($0)'::\(type)" }.joined(separator: ", ")),
                results: format
            )
            let ranges = try texts.indices.map { try rows[0].get($0, as: PostgresRange<Int>.self) }

            #expect(
                ranges == [
                    PostgresRange(from: 1, upTo: 5), PostgresRange(from: nil, upTo: 5),
                    PostgresRange(from: 1, upTo: nil),
                    PostgresRange(from: nil, upTo: nil), .empty,
                    type == "numrange"
                        ? PostgresRange(from: -7, upTo: -7, includesUpper: true) : PostgresRange(from: -7, upTo: -6),
                ]
            )
        }
        await connection.close()
    }

    @Test("Bounds of any type come back as they went, what looks like the range's own writing in them too")
    func roundTrip() async throws {
        let connection = try await PostgresConnection.connect(testConfiguration())
        try await connection.run(script: "CREATE TYPE pg_temp.span AS RANGE (subtype = text, collation = \"C\")")
        let words = PostgresRange(from: #"a",b\]""#, upTo: "z)", includesUpper: true)
        let blank = PostgresRange(from: "", upTo: nil)
        let days = PostgresRange(
            from: PostgresDate(year: 2_026, month: 11, day: 20),
            upTo: PostgresDate.infinity
        )
        let times = PostgresRange(from: nil, upTo: PostgresTimestamp(microsecondsSince2000: 1), includesUpper: true)

        let spans = try await connection.query("SELECT \(words)::pg_temp.span, \(blank)::pg_temp.span")[0]
        #expect(try spans.get(0, as: PostgresRange<String>.self) == words)
        #expect(try spans.get(1, as: PostgresRange<String>.self) == blank)
        for format in [PostgresFormat.text, .binary] {
            let row = try await connection.query(
                "SELECT \(days)::daterange, \(times)::tstzrange, '[1,2)'::text, point(1, 2)",
                results: format
            )[0]
            #expect(try row.get(0, as: PostgresRange<PostgresDate>.self) == days)
            #expect(try row.get(1, as: PostgresRange<PostgresTimestamp>.self) == times)
            #expect(try row.get(2, as: PostgresRange<Int>.self) == PostgresRange(from: 1, upTo: 2))
            #expect(throws: PostgresError.self) { try row.get(3, as: PostgresRange<Double>.self) }
            #expect(throws: PostgresError.self) { try row.get(0, as: PostgresRange<Int>.self) }
        }
        await connection.close()
    }

    @Test(
        "Bytes that are no range are refused",
        arguments: [[], [32], [1, 0], [2], [2, 0, 0, 0, 4, 0, 0], [24, 0], [8, 255, 255, 255, 255]] as [[UInt8]]
    )
    func malformed(bytes: [UInt8]) throws {
        #expect(try decoded(binary: bytes, type: .int4Range, as: PostgresRange<Int>.self) == nil)
    }

    @Test(
        "Text that is no range is refused",
        arguments: ["", "[", "[1", "[1,2", "1,2)", "[1,2)x", "[1)", "[1,2,3)", "[\"1,2)", "[a,2)", "emptyish"]
    )
    func malformedText(text: String) throws {
        #expect(try decoded(text, type: .int4Range, as: PostgresRange<Int>.self) == nil)
    }
}
