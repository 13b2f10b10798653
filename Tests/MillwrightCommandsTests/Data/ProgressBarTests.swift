// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCommands

@Suite("Progress bar")
struct ProgressBarTests {
    @Test(
        "It is as long as the share, and never longer than itself",
        arguments: [(0.0, 0, "  0"), (0.5, 15, " 50"), (1.0, 30, "100"), (1.7, 30, "100"), (-1.0, 0, "  0")]
    )
    func length(share: Double, full: Int, percent: String) {
        let line = ProgressBar.bar("tasks", share: share, detail: "7 rows")

        #expect(line.filter { $0 == "█" }.count == full)
        #expect(line.filter { $0 == "█" || $0 == "░" }.count == 30)
        #expect(line.hasSuffix(" \(percent) % tasks, 7 rows"))
    }
}
