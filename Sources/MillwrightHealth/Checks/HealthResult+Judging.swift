// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension HealthResult {
    /// Judges a figure that is the worse the greater it is: from a limit on it is a warning or a failure, with that limit's code.
    static func judged<Figure: Comparable>(
        _ figure: Figure,
        warn: (from: Figure, code: String),
        fail: (from: Figure, code: String),
        facts: [Evidence]
    ) -> HealthResult {
        if figure >= fail.from { return HealthResult(.fail, code: fail.code, facts: facts) }
        if figure >= warn.from { return HealthResult(.warn, code: warn.code, facts: facts) }
        return .pass(facts)
    }
}

extension Evidence {
    /// A share from 0 to 1 as per cent, to a tenth.
    static func percent(_ name: String, _ share: Double) -> Evidence {
        Evidence(name, .number((share * 1000).rounded() / 10))
    }
}
