// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

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
            ("0044-03-15 12:00:00.5+00 BC", -63_517_780_799_500_000),
            ("1883-11-18 12:03:57-07:52:58", -2_717_640_185_000_000),
            ("2026-02-29", nil), ("2026-11-21 24:00:00", nil), ("2026-11-21 11", nil), ("0000-01-01", nil),
            ("2026-11-21 11:13:00.1234567", nil), ("2026-11-21 11:13:00+01 AD", nil),
            ("21.11.2026 11:13", nil), ("2026-13-01", nil), ("", nil),
        ] as [(String, Int64?)]
    )
    func timestamps(text: String, expected: Int64?) throws {
        #expect(try decoded(text, as: PostgresTimestamp.self)?.microsecondsSince1970 == expected)
    }

    @Test("The infinities are before and after all other times, and have no date")
    func infinities() throws {
        let latest = try #require(try decoded("infinity", as: PostgresTimestamp.self))
        let earliest = try #require(try decoded("-infinity", as: PostgresTimestamp.self))

        #expect(latest == .infinity)
        #expect(earliest == .negativeInfinity)
        #expect(earliest < PostgresTimestamp(microsecondsSince2000: 0))
        #expect(latest.secondsSince1970 == .infinity)
        #expect(latest.dateInUTC == nil)
        #expect(latest.microsecondsSince1970 == nil)
        #expect("\(earliest)" == "-infinity")
    }

    @Test("A timestamp knows its parts in UTC, and its seconds both ways")
    func parts() throws {
        let stamp = try #require(try decoded("2026-11-21 00:13:07.25+01", as: PostgresTimestamp.self))

        #expect(stamp.dateInUTC == PostgresDate(year: 2_026, month: 11, day: 20))
        #expect(stamp.timeInUTC == PostgresTime(hour: 23, minute: 13, second: 7, microsecond: 250_000))
        #expect(stamp.secondsSince1970 == 1_795_216_387.25)
        #expect(PostgresTimestamp(secondsSince1970: 1_795_216_387.25) == stamp)
        #expect(PostgresTimestamp(secondsSince1970: .nan) == nil)
        #expect("\(stamp)" == "2026-11-20 23:13:07.25+00")
    }

    @Test("Bytes that are no UTF-8 are repaired in a string, and exact as bytes, in both formats")
    func invalidText() throws {
        let bytes: [UInt8] = [0x61, 0xFF, 0x62]
        let cells = [PostgresFormat.text, .binary].map { format in
            bytes.withUnsafeBytes { buffer in
                let cell = PostgresCell(bytes: buffer, type: PostgresType.text.rawValue, format: format)
                return (String(cell), UInt8.array(of: cell))
            }
        }

        for (text, exact) in cells {
            #expect(text == "a\u{FFFD}b")
            #expect(exact == bytes)
        }
    }

    @Test("A date that is none cannot be made, and one before the first year is BC")
    func dates() throws {
        let ides = try #require(PostgresDate(year: -43, month: 3, day: 15))

        #expect("\(ides)" == "0044-03-15 BC")
        #expect([ides.year, ides.month, ides.day] == [-43, 3, 15])
        #expect(PostgresDate(year: 1_970, month: 1, day: 2)?.daysSince1970 == 1)
        #expect(PostgresDate(year: 2_025, month: 2, day: 29) == nil)
        #expect(PostgresDate(year: 2_000, month: 2, day: 29) != nil)
        #expect(PostgresDate(year: 1_900, month: 2, day: 29) == nil)
        #expect(PostgresDate(year: 2_026, month: 13, day: 1) == nil)
        #expect(PostgresTime(hour: 24, minute: 1) == nil)
    }

    @Test(
        "Intervals that overflow or say nothing are refused",
        arguments: [
            "", "P", "@", "@ ", "ago", "1", "1 day", "1 dy", "1 day ", " 1 day", "1 day ago", "P1H", "PT1D", "P1.5D",
            "1-", "04:05",
            "99999999999 years", "2147483648 days", "2562047788:00:54.775808", "1 day 2", "--1 day", "3:04:05:06",
        ]
    )
    func oddIntervals(text: String) throws {
        let expected: PostgresInterval? =
            switch text {
            case "1": PostgresInterval(days: 1)
            case "1 day": PostgresInterval(days: 1)
            case "1 day 2": PostgresInterval(days: 3)
            default: nil
            }
        #expect(try decoded(text, as: PostgresInterval.self) == expected)
    }
}
