// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Pooler probe")
struct PoolerProbeTests {
    @Test(
        "Two open sessions that meet one server process, or one that meets two, show a pooler that swaps",
        arguments: [
            ([7, 7, 7], [8, 8], false),
            ([7, 7, 7], [7, 7], true),
            ([7, 7, 9], [8, 8], true),
            ([7, 7], [8, 9], true),
        ]
    )
    func tells(one: [Int], other: [Int], expected: Bool) {
        #expect(PoolerProbe.isSwapping(one, other) == expected)
    }
}
