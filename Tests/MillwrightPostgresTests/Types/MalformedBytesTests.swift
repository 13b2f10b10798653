// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Malformed values")
struct MalformedBytesTests {
    private static let types: [PostgresType] = [
        .inferred, .bool, .bytea, .char, .name, .int8, .int2, .int2vector, .int4, .text, .oid, .xid, .json, .float4,
        .float8,
        .date, .time, .timestamp, .timestamptz, .interval, .numeric, .uuid, .lsn, .jsonb, .xid8, .int8Array, .textArray,
        .numericArray, .boxArray, .byteaArray, PostgresType(rawValue: 99_999),
    ]

    private static func decodeAsEverything(_ cell: PostgresCell) throws {
        _ = (String(cell), Int(cell), Int16(cell), UInt32(cell), UInt64(cell), UInt8(cell), Double(cell), Float(cell))
        _ = (Bool(cell), PostgresNumeric(cell)?.description, PostgresTimestamp(cell)?.description)
        _ = (PostgresDate(cell)?.description, PostgresTime(cell)?.description, PostgresInterval(cell)?.description)
        _ = (PostgresUUID(cell)?.description, PostgresLSN(cell)?.description, PostgresJSON(cell))
        _ = try ([Int](cell), [[Int]](cell), [UInt8](cell), [[UInt8]](cell), [String?](cell))
        _ = try PostgresArray<PostgresNumeric>(cell)
    }

    @Test("No bytes make a decoder stop the program, in either format")
    func anything() throws {
        var numbers = SeededNumbers(seed: 7)
        let alphabet = Array(#"0123456789-+.:eE/{}[]",\= NPTYMDHSnaintyeardmogesBC"#.utf8) + [0, 1, 255]
        for round in 0..<6_000 {
            let count = Int.random(in: 0...40, using: &numbers)
            let bytes = (0..<count).map { _ in
                round % 2 == 0
                    ? alphabet.randomElement(using: &numbers) ?? 0
                    : UInt8.random(in: 0...255, using: &numbers) & (round % 3 == 0 ? 3 : 255)
            }
            let type = Self.types[round % Self.types.count]
            try bytes.withUnsafeBytes { buffer in
                for format in [PostgresFormat.text, .binary] {
                    try Self.decodeAsEverything(PostgresCell(bytes: buffer, type: type.rawValue, format: format))
                }
            }
        }
    }

    @Test("A fixed-size value with a byte too few or too many is refused")
    func sizes() throws {
        for count in [0, 1, 2, 3, 5, 7, 9, 15, 17] {
            let bytes = [UInt8](repeating: 0, count: count)
            #expect(try decoded(binary: bytes, type: .int8, as: Int.self) == nil)
            #expect(try decoded(binary: bytes, type: .int4, as: Int.self) == nil)
            #expect(try count == 2 || decoded(binary: bytes, type: .int2, as: Int.self) == nil)
            #expect(try count == 1 || decoded(binary: bytes, type: .bool, as: Bool.self) == nil)
            #expect(try decoded(binary: bytes, type: .float8, as: Double.self) == nil)
            #expect(try decoded(binary: bytes, type: .timestamptz, as: PostgresTimestamp.self) == nil)
            #expect(try decoded(binary: bytes, type: .date, as: PostgresDate.self) == nil)
            #expect(try decoded(binary: bytes, type: .time, as: PostgresTime.self) == nil)
            #expect(try decoded(binary: bytes, type: .interval, as: PostgresInterval.self) == nil)
            #expect(try decoded(binary: bytes, type: .uuid, as: PostgresUUID.self) == nil)
            #expect(try decoded(binary: bytes, type: .lsn, as: PostgresLSN.self) == nil)
        }
    }

    @Test(
        "A binary number that PostgreSQL would never send is refused",
        arguments: [
            [0, 1, 0, 0, 0, 0, 0, 0],  // a group announced, none there
            [0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10],  // a group of 10000
            [0, 1, 0, 0, 0x12, 0x34, 0, 0, 0, 1],  // no such sign
            [0, 1, 0, 0, 0, 0, 0x40, 0, 0, 1],  // a scale beyond 16383
            [0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1],  // digits behind the point, with a scale of 0
            [0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1],  // 1.0001, with a scale of 1
            [0, 1, 0xFF, 0xF0, 0, 0, 0, 0, 0, 1],  // 10^-64, with a scale of 0
            [0, 1, 0, 0, 0xC0, 0, 0, 0, 0, 1],  // NaN with digits
            [0xFF, 0xFF, 0, 0, 0, 0, 0, 0],  // a negative count
        ] as [[UInt8]]
    )
    func numerics(bytes: [UInt8]) throws {
        #expect(try decoded(binary: bytes, type: .numeric, as: PostgresNumeric.self) == nil)
    }

    @Test(
        "A binary array whose head promises what does not come is refused, however much it promises",
        arguments: [
            [],
            [0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 20],  // seven dimensions
            // of int4
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1],
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1],  // two thousand million
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1],  // minus one
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1],  // short
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE],  // a length of -2
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 1],  // empty, and a byte more
        ] as [[UInt8]]
    )
    func arrays(bytes: [UInt8]) throws {
        #expect(try decoded(binary: bytes, type: .int8Array, as: [Int?].self) == nil)
        #expect(try decoded(binary: bytes, type: .int8Array, as: [[Int]].self) == nil)
        #expect(try decoded(binary: bytes, type: .int8Array, as: PostgresArray<Int?>.self) == nil)
    }

    @Test(
        "Text that only begins like a value is refused",
        arguments: [
            "{", "}", "{1", "{1,}", "{,1}", "{1}}", "{1}{2}", "{{1}", "{1,{2}}", "{\"1}", "{1 2", "[0:1]", "[0:1]{1,2}",
            "[a:b]={1}",
            "{\"1\"2}", "1,2", "",
        ]
    )
    func arrayTexts(text: String) throws {
        #expect(try decoded(text, as: [Int].self) == nil)
        #expect(try decoded(text, as: PostgresArray<Int>.self) == nil)
    }
}
