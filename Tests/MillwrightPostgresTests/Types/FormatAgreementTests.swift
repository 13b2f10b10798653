// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightTesting
import Testing

@testable import MillwrightPostgres

@Suite("Text against binary", .serialized, .timeLimit(.minutes(1)))
struct FormatAgreementTests {
    let configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    /// One value of every kind that meets a driver, and some that look like another.
    private static let expressions = [
        "5::int2", "5::int4", "5::int8", "-5::int8", "4000000000::oid", "'7'::xid", "'18446744073709551615'::xid8",
        "'7'::cid",
        "1.1::float4", "1.1::float8", "1e15::float8", "5::float8", "1e20::float8", "'NaN'::float8", "1e300::float8",
        "5::numeric", "5.00::numeric", "5.5::numeric", "'NaN'::numeric", "1e400::numeric",
        "18446744073709551615::numeric",
        "true", "'t'::text", "'5'::text", "'5.5'::text", "''::text", "'{1,2}'::text", "'NaN'::varchar",
        "'a'::bpchar(3)",
        #"'a'::"char""#, #"''::"char""#, #"'5'::"char""#, "'x'::name", "'5'::json", "'5'::jsonb", #"'"x"'::jsonb"#,
        "'<a/>'::xml", "'2026-11-21'::date", "'2026-11-21 10:11:12.5'::timestamp",
        "'2026-11-21 10:11:12.5+01'::timestamptz",
        "'infinity'::timestamptz", "'-infinity'::date", "'10:11:12'::time", "'10:11:12+01'::timetz",
        "'1 mon 2 days'::interval",
        #"'\x0041'::bytea"#, #"'\x31'::bytea"#, "'6b2f7a2e-3f1e-4f0c-9e57-5f6d2a3f9f10'::uuid", "'16/B374D848'::pg_lsn",
        "'{1,NULL,3}'::int8[]", "'{}'::int4[]", "'{{1,2},{3,4}}'::int4[]", "'[0:1]={7,8}'::int4[]",
        "'{1.1,2}'::float4[]",
        #"'{a,NULL,"NULL",""}'::text[]"#, #"'{"\\x00"}'::bytea[]"#, "'1 2 3'::int2vector", "'1 2'::oidvector",
        "'{2026-11-21}'::date[]", "'{t,f}'::bool[]", "'{\"(1,1),(0,0)\"}'::box[]", "'1.50'::money", "'1.2.3.4'::inet",
        "'(1,2)'::point", "'[1,5)'::int4range", "'empty'::int4range", "ROW(1, 'a')", "'pg_class'::regclass", "B'101'",
        "'a b'::tsvector", "'{1.2.3.4}'::inet[]", "'$.a'::jsonpath", "NULL::int8", "NULL::text[]",
        "'{}'::jsonb", "'{[1,2)}'::int4multirange", "'1'::int2vector", "'{7}'::oid[]", "''::oidvector", "'5'::interval",
    ]

    /// One expression's value, as the server sent it in each format.
    private struct Answer {
        var expression: String
        var text: Row
        var binary: Row
    }

    private func answers() async throws -> [Answer] {
        let connection = try await PostgresConnection.connect(self.configuration)
        var all: [Answer] = []
        for expression in Self.expressions {
            let sql = SQL(unsafe: "SELECT \(expression)")
            let text = try await connection.query(sql, results: .text)
            let binary = try await connection.query(sql, results: .binary)
            all.append(Answer(expression: expression, text: text[0], binary: binary[0]))
        }
        await connection.close()
        return all
    }

    private func expectAgreement<Value: PostgresDecodable>(
        _ type: Value.Type,
        on answers: [Answer],
        mayRefuse isNoText: Bool = false
    ) {
        for answer in answers {
            let fromText = (try? answer.text.get(0, as: type)).map { "\($0)" }
            let fromBinary = (try? answer.binary.get(0, as: type)).map { "\($0)" }
            if fromBinary != nil || !isNoText {
                #expect(fromBinary == fromText, "\(answer.expression) as \(type)")
            }
        }
    }

    @Test("Every Swift type makes the same of every server type in both formats, or refuses it in both")
    func agreement() async throws {
        let answers = try await self.answers()

        self.expectAgreement(Int.self, on: answers)
        self.expectAgreement(Int16.self, on: answers)
        self.expectAgreement(UInt32.self, on: answers)
        self.expectAgreement(UInt64.self, on: answers)
        self.expectAgreement(Double.self, on: answers)
        self.expectAgreement(Float.self, on: answers)
        self.expectAgreement(Bool.self, on: answers)
        self.expectAgreement(PostgresNumeric.self, on: answers)
        self.expectAgreement(PostgresTimestamp.self, on: answers)
        self.expectAgreement(PostgresDate.self, on: answers)
        self.expectAgreement(PostgresTime.self, on: answers)
        self.expectAgreement(PostgresInterval.self, on: answers)
        self.expectAgreement(PostgresUUID.self, on: answers)
        self.expectAgreement(PostgresLSN.self, on: answers)
        self.expectAgreement([Int?].self, on: answers)
        self.expectAgreement([[Int]].self, on: answers)
        self.expectAgreement([[UInt8]].self, on: answers)
        self.expectAgreement([Double].self, on: answers)
        self.expectAgreement([Bool].self, on: answers)
        self.expectAgreement([PostgresDate].self, on: answers)
        self.expectAgreement(PostgresArray<Int?>.self, on: answers)
        self.expectAgreement(PostgresRange<Int>.self, on: answers)
        self.expectAgreement(Int?.self, on: answers)
    }

    @Test("A string is the same in both formats, or refused in binary because the bytes are no text")
    func strings() async throws {
        let answers = try await self.answers()

        self.expectAgreement(String.self, on: answers, mayRefuse: true)
        self.expectAgreement([UInt8].self, on: answers, mayRefuse: true)
        self.expectAgreement([String?].self, on: answers, mayRefuse: true)
        self.expectAgreement(PostgresRange<String>.self, on: answers, mayRefuse: true)
    }

    @Test("A binary value that is no text is refused as a string, and the error names its column")
    func refused() async throws {
        let connection = try await PostgresConnection.connect(self.configuration)

        let rows = try await connection.query(
            "SELECT 1094795585 AS number, inet '65.66.67.68' AS host",
            results: .binary
        )
        let number = #expect(throws: PostgresError.self) { try rows[0].get("number", as: String.self) }
        let host = #expect(throws: PostgresError.self) { try rows[0].get("host", as: String.self) }

        #expect(number?.code == .decodingFailed)
        #expect(number?.serverMessage?.contains("\"number\"") == true)
        #expect(host?.serverMessage?.contains("\"host\"") == true)
        await connection.close()
    }

    @Test(
        "Enums of one's own are their labels in both formats, and their arrays too; composite types and ranges are no strings"
    )
    func enums() async throws {
        try await TestServers.shared().withSchema { connection, _ in
            try await connection.run(
                script: """
                    CREATE TYPE mood AS ENUM ('happy', 'not so happy', 'ABCD');
                    CREATE TYPE pair AS (a int, b text);
                    CREATE TYPE span AS RANGE (subtype = text);
                    """
            )
            enum Mood: String, PostgresDecodable, PostgresEncodable {
                case happy, middling = "not so happy", other = "ABCD"
            }

            for format in [PostgresFormat.text, .binary] {
                let row = try await connection.query(
                    "SELECT \(Mood.middling)::mood, '{happy,NULL}'::mood[], 'ABCD'::mood::name",
                    results: format
                )[0]
                #expect(try row.get(0, as: Mood.self) == .middling)
                #expect(try row.get(0, as: String.self) == "not so happy")
                #expect(try row.get(1, as: [Mood?].self) == [.happy, nil])
                #expect(try row.get(2, as: Mood.self) == .other)
            }
            let odd = try await connection.query(
                "SELECT ROW(1, 'a')::pair, '[a,b]'::span, 'empty'::span",
                results: .binary
            )[0]
            for column in 0..<3 {
                #expect(throws: PostgresError.self) { try odd.get(column, as: String.self) }
            }
        }
    }
}
