// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

/// Decodes a text as if the server had sent it.
private func decoded<Value: PostgresDecodable>(_ text: String?, as _: Value.Type = Value.self) throws -> Value? {
    guard var text else { return try Value(PostgresCell(bytes: nil, type: 0)) }
    return try text.withUTF8 { try Value(PostgresCell(bytes: UnsafeRawBufferPointer($0), type: 0)) }
}

@Suite("Decoding")
struct DecodingTests {
    @Test(
        "Integers keep every digit, and what is none is refused",
        arguments: [
            ("0", 0), ("-9223372036854775808", Int.min), ("9223372036854775807", Int.max),
            ("9223372036854775808", nil), ("", nil), ("-", nil), ("1.5", nil), ("0x1", nil), (" 1", nil),
        ] as [(String, Int?)]
    )
    func integers(text: String, expected: Int?) throws {
        #expect(try decoded(text, as: Int.self) == expected)
    }

    @Test("NULL becomes nil for optionals and is refused for others")
    func null() throws {
        let missing = try decoded(nil, as: Int?.self)
        let present = try decoded("7", as: Int?.self)

        #expect(missing == .some(.none))
        #expect(present == .some(7))
        #expect(try decoded(nil, as: Int.self) == nil)
        #expect(try decoded("x", as: Int?.self) == nil)
    }

    @Test("Arrays are read with their quotes, escapes and NULLs")
    func arrays() throws {
        #expect(try decoded(#"{a,"b \"c\" \\ d","NULL",e}"#, as: [String].self) == ["a", #"b "c" \ d"#, "NULL", "e"])
        #expect(try decoded("{1,NULL,3}", as: [Int?].self) == [1, nil, 3])
        #expect(try decoded("{}", as: [Int].self) == [])
        #expect(try decoded("{1,2", as: [Int].self) == nil)
        #expect(try decoded("{{1},{2}}", as: [Int].self) == nil)
    }

    @Test(
        "Timestamps keep their microseconds and their offset",
        arguments: [
            ("1970-01-01 00:00:00+00", 0),
            ("2026-11-21 11:13:00.25+00", 1_795_259_580_250_000),
            ("2026-11-21 12:13:00.25+01", 1_795_259_580_250_000),
            ("2026-11-21 07:43:00.25-03:30", 1_795_259_580_250_000),
            ("2000-02-29", 951_782_400_000_000),
            ("0001-01-01 00:00:00 BC", -62_167_219_200_000_000),
            ("infinity", Int64.max), ("-infinity", Int64.min),
            ("21.11.2026 11:13", nil), ("2026-13-01", nil), ("", nil),
        ] as [(String, Int64?)]
    )
    func timestamps(text: String, expected: Int64?) throws {
        #expect(try decoded(text, as: PostgresTimestamp.self)?.microseconds == expected)
    }

    @Test("Numerics keep every digit")
    func numerics() throws {
        let digits = "123456789012345678901234567890.123456789012345678901234567890"

        #expect(try decoded(digits, as: PostgresNumeric.self)?.description == digits)
        #expect(try decoded("NaN", as: PostgresNumeric.self)?.double.isNaN == true)
        #expect(try decoded("twelve", as: PostgresNumeric.self) == nil)
        #expect(try decoded("1e3", as: Double.self) == 1_000)
    }
}
