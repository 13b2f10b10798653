// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Values against the server", .serialized, .timeLimit(.minutes(2)))
struct RoundTripTests {
    let configuration: PostgresConfiguration

    init() async throws { self.configuration = try await testConfiguration() }

    /// Sends each value, and takes it back in both formats, with the text that the server makes of it.
    private func expectRoundTrip<Value: PostgresDecodable & PostgresEncodable>(
        _ values: [Value],
        as type: String,
        after setup: String = "",
        text: ((Value) -> String)? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        by isSame: (Value, Value) -> Bool
    ) async throws {
        let connection = try await PostgresConnection.connect(self.configuration)
        if !setup.isEmpty { try await connection.run(script: setup) }
        for value in values {
            let sql: SQL = "SELECT v, v::text, ARRAY[v, NULL, v] FROM (SELECT \(value)::\(SQL(unsafe: type)) AS v) AS t"
            for format in [PostgresFormat.text, .binary] {
                let row = try await connection.query(sql, results: format)
                    .decode(as: (Value, String, [Value?]).self)[0]
                #expect(isSame(row.0, value), "\(row.0) is not \(value) in \(format)", sourceLocation: sourceLocation)
                if let text { #expect(row.1 == text(value), sourceLocation: sourceLocation) }
                #expect(row.2.count == 3 && row.2[1] == nil, sourceLocation: sourceLocation)
                for element in [row.2[0], row.2[2]] {
                    #expect(element.map { isSame($0, value) } == true, sourceLocation: sourceLocation)
                }
            }
        }
        await connection.close()
    }

    @Test("Integers come back in both formats, extremes too")
    func integers() async throws {
        var numbers = SeededNumbers(seed: 1)
        let some = (0..<100).map { Int64.random(in: .min ... .max, using: &numbers) >> Int64($0 % 60) }
        func text(_ value: some BinaryInteger) -> String { "\(value)" }

        try await self.expectRoundTrip(some + [.min, .max, 0, -1], as: "int8", text: text, by: ==)
        try await self.expectRoundTrip([Int.min, Int.max, 0], as: "int8", text: text, by: ==)
        try await self.expectRoundTrip([Int32.min, .max, 0, 258, -1], as: "int4", text: text, by: ==)
        try await self.expectRoundTrip([Int16.min, .max, 0, 258, -1], as: "int2", text: text, by: ==)
        try await self.expectRoundTrip([UInt32.min, .max, 258], as: "oid", text: text, by: ==)
        try await self.expectRoundTrip([UInt32.min, .max, 258], as: "xid", text: text, by: ==)
        try await self.expectRoundTrip([UInt64.min, .max, 1 << 63, 258], as: "xid8", text: text, by: ==)
        try await self.expectRoundTrip([UInt64.max, 7], as: "numeric", text: text, by: ==)
        try await self.expectRoundTrip([true, false], as: "bool", text: { $0 ? "true" : "false" }, by: ==)
    }

    @Test("Floating-point numbers come back to the last bit in both formats")
    func floats() async throws {
        var numbers = SeededNumbers(seed: 2)
        let doubles = (0..<200).map { _ in Double(bitPattern: numbers.next()) }.filter { !$0.isNaN }
        let floats = (0..<200).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: numbers.next())) }
            .filter { !$0.isNaN }
        func isSame<Value: BinaryFloatingPoint>(_ one: Value, _ other: Value) -> Bool {
            one == other && one.sign == other.sign || one.isNaN && other.isNaN
        }
        let extremes: [Double] = [
            .greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0, .infinity, -.infinity, .nan, 0.1,
        ]

        try await self.expectRoundTrip(doubles + extremes, as: "float8", by: isSame)
        try await self.expectRoundTrip(
            floats + [.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0, .infinity, -.infinity, .nan, 0.1],
            as: "float4",
            by: isSame
        )
    }

    @Test("Numerics come back with every digit and their scale in both formats")
    func numerics() async throws {
        var numbers = SeededNumbers(seed: 3)
        let random = (0..<400).map { round -> PostgresNumeric in
            let digits = (0..<Int.random(in: 0...(round % 60), using: &numbers)).map { _ in
                UInt8.random(in: 0...9, using: &numbers)
            }
            let scale = Int.random(in: 0...(round % 40), using: &numbers)
            return PostgresNumeric(digits: digits, isNegative: Bool.random(using: &numbers), scale: scale)
        }
        let words = [
            "0", "0.000", "NaN", "Infinity", "-Infinity", "999999999999999999", "1000000000000000000", "-0.0001",
            "10000",
            "100000000", "0.00000001", "12345678.9000", "9223372036854775807", "-9223372036854775808",
            "9999999999999999999", "18446744073709551616", "18446744073709551617", "99999999999999999999",
            "1.844674407370955162", "-0.999999999999999999", "-0.9999999999999999999",
            "1" + String(repeating: "0", count: 1_000), "0." + String(repeating: "0", count: 1_000) + "1",
        ]

        try await self.expectRoundTrip(
            random + words.compactMap { PostgresNumeric($0) },
            as: "numeric",
            text: \.description,
            by: { $0 == $1 && $0.scale == $1.scale }
        )
    }

    @Test(
        "Dates and times come back to the microsecond in both formats, whatever the session's time zone",
        arguments: ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"]
    )
    func times(zone: String) async throws {
        var numbers = SeededNumbers(seed: 4)
        let earliest: Int64 = -211_813_488_000_000_000
        let latest: Int64 = 9_223_371_331_199_999_999
        let ordinary = (0..<100).map { _ in
            Int64.random(in: -3_000_000_000_000_000...3_000_000_000_000_000, using: &numbers)
        }
        let far = (0..<50).map { _ in Int64.random(in: earliest...latest, using: &numbers) }
        let stamps = (ordinary + far + [earliest, latest, 0, -1, 1, .min, .max, 1_000_000])
            .map { PostgresTimestamp(microsecondsSince2000: $0) }
        let setup = "SET TimeZone = '\(zone)'"

        try await self.expectRoundTrip(
            // the zone's own offset must not lead out of what the server can print
            stamps.filter { !$0.isFinite || abs($0.secondsSince1970) < 9e12 },
            as: "timestamptz",
            after: setup,
            by: ==
        )
        try await self.expectRoundTrip(
            stamps,
            as: "timestamp",
            after: setup,
            text: { $0.description.replacing("+00", with: "") },
            by: ==
        )
        let days = (0..<100).map { _ in Int32.random(in: -2_451_545...2_145_031_948, using: &numbers) }
        try await self.expectRoundTrip(
            (days + [-2_451_545, 2_145_031_948, .min, .max, 0, 59, 60, -730_120]).map {
                PostgresDate(daysSince2000: $0)
            },
            as: "date",
            text: \.description,
            by: ==
        )
        let micros = (0..<100).map { _ in Int64.random(in: 0...86_400_000_000, using: &numbers) }
        try await self.expectRoundTrip(
            (micros + [0, 86_400_000_000, 1]).compactMap { PostgresTime(microseconds: $0) },
            as: "time",
            text: \.description,
            by: ==
        )
    }

    @Test(
        "Intervals come back in both formats and in every IntervalStyle",
        arguments: ["postgres", "postgres_verbose", "sql_standard", "iso_8601"]
    )
    func intervals(style: String) async throws {
        var numbers = SeededNumbers(seed: 5)
        var values = (0..<300).map { round -> PostgresInterval in
            func some<Number: FixedWidthInteger>(_: Number.Type) -> Number {
                let number = Number(truncatingIfNeeded: numbers.next())
                return round % 3 == 0 ? number : number % 100_000 * (number & 3 == 0 ? 0 : 1)
            }
            return PostgresInterval(months: some(Int32.self), days: some(Int32.self), microseconds: some(Int64.self))
        }
        values += [
            PostgresInterval(), PostgresInterval(months: .max), PostgresInterval(months: .min),
            PostgresInterval(days: .max), PostgresInterval(days: .min), PostgresInterval(microseconds: .max),
            PostgresInterval(microseconds: .min), PostgresInterval(microseconds: -1),
            PostgresInterval(months: -1, days: 1),
            PostgresInterval(days: -3, microseconds: -1_500_000), PostgresInterval(days: -3, microseconds: 1_500_000),
        ]

        // PostgreSQL writes the least number of days with two signs in sql_standard
        try await self.expectRoundTrip(
            values.filter { style != "sql_standard" || $0.days != .min },
            as: "interval",
            after: "SET IntervalStyle = '\(style)'",
            text: style == "postgres" ? \.description : nil,
            by: ==
        )
    }

    @Test("Text, bytes, identifiers and log places come back in both formats")
    func others() async throws {
        var numbers = SeededNumbers(seed: 6)
        let scalars = (0..<60).map { _ in
            String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...40, using: &numbers)).compactMap { _ in
                        Unicode.Scalar(
                            UInt32.random(in: 1...0x2FFFF, using: &numbers)
                                >> UInt32.random(in: 0...16, using: &numbers)
                        )
                    }.filter { $0.value > 0 }
                )
            )
        }
        let odd = ["", "NULL", "null", "{}", #"{"a\",b"}"#, " ", "'", #"\"#, "☃", "a,b", "\t\n"]
        let bytes = (0..<60).map { _ in
            (0..<Int.random(in: 0...40, using: &numbers)).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        }

        try await self.expectRoundTrip(scalars + odd, as: "text", text: { $0 }, by: ==)
        try await self.expectRoundTrip(odd, as: "varchar", text: { $0 }, by: ==)
        try await self.expectRoundTrip(bytes + [[], Array(0...255)], as: "bytea", by: ==)
        try await self.expectRoundTrip(
            bytes + [[], Array(0...255), Array(#"\x00"#.utf8)],
            as: "bytea",
            after: "SET bytea_output = 'escape'",
            by: ==
        )
        try await self.expectRoundTrip(
            (0..<50).map { _ in PostgresUUID(high: numbers.next(), low: numbers.next()) },
            as: "uuid",
            text: \.description,
            by: ==
        )
        try await self.expectRoundTrip(
            (0..<50).map { PostgresLSN(rawValue: numbers.next() >> UInt64($0)) } + [PostgresLSN(rawValue: .max)],
            as: "pg_lsn",
            text: \.description,
            by: ==
        )
        try await self.expectRoundTrip([PostgresJSON(#"{"b": [1, "☃"]}"#)], as: "jsonb", text: \.text, by: ==)
        try await self.expectRoundTrip([PostgresJSON(#"{"b": [1, "☃"]}"#)], as: "json", text: \.text, by: ==)
    }
}
