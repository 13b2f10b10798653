// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Arrays", .serialized, .timeLimit(.minutes(1)))
struct ArrayTests {
    @Test("Every shape comes back in both formats, lower bounds and all")
    func shapes() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())
        let grid = try #require(
            PostgresArray(Array(1...12).map { $0 == 5 ? nil : $0 }, dimensions: [2, 2, 3], lowerBounds: [-1, 0, 7])
        )
        let nested = [[["a", "{b}"], ["", "NULL"]], [["\"", "\\"], [",", "☃"]]]
        let bytes: [[UInt8]] = [[0, 255], [], [92]]

        for format in [PostgresFormat.text, .binary] {
            let row = try await connection.query(
                """
                SELECT \(grid)::int8[], \(nested)::text[], \(bytes)::bytea[], \([[1, 2], [3, 4]])::int4[], '{}'::int4[],
                       \([PostgresInterval(days: -1, microseconds: 1), nil])::interval[], \([true, nil, false])::bool[]
                """,
                results: format
            )[0]
            #expect(try row.get(0, as: PostgresArray<Int?>.self) == grid)
            #expect(try row.get(0, as: [[[Int?]]].self) == [[[1, 2, 3], [4, nil, 6]], [[7, 8, 9], [10, 11, 12]]])
            #expect(try row.get(1, as: [[[String]]].self) == nested)
            #expect(try row.get(2, as: [[UInt8]].self) == bytes)
            #expect(try row.get(3, as: [[Int32]].self) == [[1, 2], [3, 4]])
            #expect(try row.get(4, as: [[Int]].self) == [])
            #expect(try row.get(4, as: PostgresArray<Int>.self) == PostgresArray([]))
            #expect(try row.get(5, as: [PostgresInterval?].self) == [PostgresInterval(days: -1, microseconds: 1), nil])
            #expect(try row.get(6, as: [Bool?].self) == [true, nil, false])
        }
        await connection.close()
    }

    @Test("A depth that was not asked for is refused, and a NULL where none may be")
    func depth() throws {
        #expect(try decoded("{{1},{2}}", as: [Int].self) == nil)
        #expect(try decoded("{1,2}", as: [[Int]].self) == nil)
        #expect(try decoded("{{1},NULL}", as: [[Int]].self) == nil)
        #expect(try decoded("{1,NULL}", as: [Int].self) == nil)
        #expect(try decoded("{{1,2},{3}}", as: PostgresArray<Int>.self) == nil)
        #expect(try decoded("{1,{2}}", as: PostgresArray<Int>.self) == nil)
        #expect(PostgresArray([1, 2, 3], dimensions: [2, 2]) == nil)
    }

    @Test("A type is named where the server cannot infer it")
    func types() async throws {
        let connection = try await PostgresConnection.connect(try await testConfiguration())

        let numbers = try await connection.query("SELECT unnest(\([1, 2], as: .int8Array))", as: Int.self)
        let month = try await connection.query(
            "SELECT date '2026-03-01' - \(PostgresInterval(months: 1)) = '2026-02-01'",
            as: Bool.self
        )
        let member = try await connection.query("SELECT \(PostgresJSON(#"{"a": 1}"#)) ->> 'a'", as: String.self)
        let size = try await connection.query("SELECT octet_length(\([0, 1, 2] as [UInt8]))", as: Int.self)

        #expect(numbers == [1, 2])
        #expect(month == [true])
        #expect(member == ["1"])
        #expect(size == [3])
        await connection.close()
    }

    @Test("A JSON document decodes into a value, and a value becomes a document")
    func json() async throws {
        struct Address: Codable, Hashable { var street: String, floors: [Int]? }
        let connection = try await PostgresConnection.connect(try await testConfiguration())
        let address = Address(street: "Mill Lane \"1\" ☃", floors: [1, 2])

        for format in [PostgresFormat.text, .binary] {
            let row = try await connection.query(
                "SELECT \(try PostgresJSON(encoding: address)), '[]'::json, NULL::jsonb",
                results: format
            )[0]
            #expect(try row.get(0, as: PostgresJSON.self).decode() == address)
            #expect(try row.get(1, as: PostgresJSON.self).text == "[]")
            #expect(try row.get(2, as: PostgresJSON?.self) == nil)
            #expect(throws: DecodingError.self) { try row.get(1, as: PostgresJSON.self).decode(as: Address.self) }
        }
        await connection.close()
    }
}
