// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// Whether tests repeat themselves as often as a soak does.
///
/// ```swift
/// for _ in 0..<Soak.count(200, soaking: 10_000) {
///     // what must hold every time
/// }
/// ```
public enum Soak {
    /// Whether `MILLWRIGHT_SOAK=1` is set, as `make soak` does.
    public static var isOn: Bool {
        let value = getenv("MILLWRIGHT_SOAK").map { String(cString: $0) } ?? ""
        return !["", "0"].contains(value)
    }

    /// How often to repeat something.
    public static func count(_ count: Int, soaking: Int) -> Int { Self.isOn ? soaking : count }

    /// The seeds to run a random test with: those of `MILLWRIGHT_SEEDS`, such as `7` or `11-20`, and otherwise the first few.
    public static func seeds(_ count: Int, soaking: Int) -> ClosedRange<UInt64> {
        let text = getenv("MILLWRIGHT_SEEDS").map { String(cString: $0) } ?? ""
        return Self.seeds(text) ?? 1...UInt64(Self.count(count, soaking: soaking))
    }

    /// `nil` where the text names none.
    static func seeds(_ text: String) -> ClosedRange<UInt64>? {
        let ends = text.split(separator: "-", maxSplits: 1).map { UInt64($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else { return nil }
        return first...last
    }
}
