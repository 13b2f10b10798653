// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Numeric")
struct NumericTests {
    @Test("Numerics keep every digit")
    func digits() throws {
        let digits = "123456789012345678901234567890.123456789012345678901234567890"

        #expect(try decoded(digits, as: PostgresNumeric.self)?.description == digits)
        #expect(try decoded("NaN", as: PostgresNumeric.self)?.double.isNaN == true)
        #expect(try decoded("twelve", as: PostgresNumeric.self) == nil)
        #expect(try decoded("1e3", as: Double.self) == 1_000)
    }

    @Test(
        "Every way to write a number is read, and what is none is refused",
        arguments: [
            ("1e3", "1000"), ("1.5e-3", "0.0015"), ("-12.50", "-12.50"), ("+7", "7"), ("007", "7"), (".5", "0.5"),
            ("5.", "5"),
            ("1.23456789012345678901e+5", "123456.789012345678901"), ("-0", "0"), ("-0.00", "0.00"),
            ("", nil), ("-", nil), (".", nil), ("-.", nil), ("1.2.3", nil), ("1e", nil), ("e5", nil), ("--1", nil),
            ("1 ", nil),
            ("inf", nil), ("1e200000", nil), ("1e-20000", nil), ("0x10", nil), ("12345678901234567890x", nil),
        ] as [(String, String?)]
    )
    func text(text: String, expected: String?) {
        #expect(PostgresNumeric(text)?.description == expected)
    }

    @Test("Numbers are ordered and equal by value, as PostgreSQL orders them, whatever their scale")
    func order() throws {
        let ascending = try [
            "-Infinity", "-1000000000000000000000", "-999999999999999999", "-10.1", "-10.09", "-0.001", "0", "0.0009",
            "0.001", "1",
            "1.000000000000000000000000001", "9.99", "10", "999999999999999999.9", "1000000000000000000",
            "1000000000000000000000",
            "Infinity", "NaN",
        ].map { try #require(PostgresNumeric($0)) }

        #expect(ascending.reversed().sorted().map(\.description) == ascending.map(\.description))
        for (one, two) in zip(ascending, ascending.dropFirst()) {
            #expect(one < two)
            #expect(one != two)
        }
        #expect(PostgresNumeric.notANumber == PostgresNumeric.notANumber)
    }

    @Test(
        "Equal numbers are one key",
        arguments: [
            ("1", "1.00"), ("0", "0.000"), ("100", "1e2"), ("-2.5", "-2.50000000000000000000000000"),
            ("1000000000000000000", "1000000000000000000.000"), ("0", "-0.0"),
        ]
    )
    func hashing(one: String, two: String) throws {
        let (first, second) = (try #require(PostgresNumeric(one)), try #require(PostgresNumeric(two)))

        #expect(first == second)
        #expect(Set([first, second]).count == 1)
    }

    @Test("An integer is made where the number is one, and nothing where it is not")
    func integers() {
        func int(_ text: String) -> Int? { PostgresNumeric(text).flatMap { Int(exactly: $0) } }

        #expect(int("5.00") == 5)
        #expect(int("-9223372036854775808") == .min)
        #expect(int("9223372036854775807.0") == .max)
        #expect(int("9223372036854775808") == nil)
        #expect(int("0.00") == 0)
        #expect(int("5.5") == nil)
        #expect(int("NaN") == nil)
        #expect(UInt8(exactly: PostgresNumeric(256)) == nil)
        #expect(PostgresNumeric("340282366920938463463374607431768211455").flatMap { UInt128(exactly: $0) } == .max)
        #expect(PostgresNumeric(Int.min).description == "-9223372036854775808")
    }

    @Test(
        "A double is made exactly where there is one",
        arguments: [
            ("0.50", 0.5), ("0.1", nil), ("18446744073709551616", 18_446_744_073_709_551_616),
            ("9007199254740993", nil),
            ("-0.0009765625", -0.0009765625), ("1e400", nil), ("0", 0), ("Infinity", .infinity),
            ("0.1000000000000000055511151231257827021181583404541015625", 0.1),
        ] as [(String, Double?)]
    )
    func doubles(text: String, expected: Double?) throws {
        let number = try #require(PostgresNumeric(text))

        #expect(Double(exactly: number) == expected)
    }

    @Test("The nearest double is the one that the digits themselves would give")
    func nearest() throws {
        var numbers = SeededNumbers(seed: 8)
        for _ in 0..<2_000 {
            let text =
                "\(Int64.random(in: .min ... .max, using: &numbers) >> Int64.random(in: 0...60, using: &numbers))"
                + ".\(UInt32.random(in: 0...9_999_999, using: &numbers))"
            let number = try #require(PostgresNumeric(text))
            #expect(number.double == Double(text))
        }
        let least = try #require(PostgresNumeric("5e-324"))
        #expect(least.double == .leastNonzeroMagnitude)
        #expect(PostgresNumeric(exactDigitsOf: .leastNonzeroMagnitude).scale == 1_074)
    }
}
