// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Sizes and spans of time as people write them, in settings and on the command line.
public enum Units {
    /// Reads `500ms`, `2s`, `1.5h`, `7d`, `1h30m`; a bare number is seconds.
    ///
    /// Returns `nil` for anything else, for less than nothing, and for more than 100 years.
    public static func duration(_ text: String) -> Duration? {
        guard let parts = Self.parts(of: text), !parts.isEmpty else { return nil }
        var seconds = 0.0
        for (number, unit) in parts {
            guard let factor = unit.isEmpty && parts.count == 1 ? 1 : Self.secondsPerUnit[unit] else { return nil }
            seconds += number * factor
        }
        guard seconds <= 100 * 365.25 * 86_400 else { return nil }
        return .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    /// Reads `620MB`, `1GiB`, `1.5 GB`, `8192`; as in `postgresql.conf`, the units are powers of 1024.
    ///
    /// Returns `nil` for anything else, and for what no 64-bit machine can hold.
    public static func bytes(_ text: String) -> Int? {
        guard let parts = Self.parts(of: text), parts.count == 1, let (number, unit) = parts.first,
            let factor = unit.isEmpty ? 1 : Self.bytesPerUnit[unit]
        else { return nil }
        let bytes = (number * factor).rounded()
        return bytes < 9e18 ? Int(bytes) : nil
    }

    private static let secondsPerUnit: [String: Double] = [
        "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800,
    ]

    private static let bytesPerUnit: [String: Double] = {
        var factors: [String: Double] = ["b": 1]
        for (power, letter) in ["k", "m", "g", "t", "p"].enumerated() {
            let factor = Double(sign: .plus, exponent: 10 * (power + 1), significand: 1)
            for suffix in ["", "b", "ib"] { factors[letter + suffix] = factor }
        }
        return factors
    }()

    /// Splits `1h30m` into (1, "h"), (30, "m"); `nil` where a number is missing or malformed.
    private static func parts(of text: String) -> [(Double, String)]? {
        var parts: [(Double, String)] = []
        var rest = text.lowercased().filter { $0 != " " }[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), number.isFinite else { return nil }
            parts.append((number, String(unit)))
        }
        return parts
    }
}
