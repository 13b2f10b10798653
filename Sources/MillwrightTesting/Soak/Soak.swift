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
}
