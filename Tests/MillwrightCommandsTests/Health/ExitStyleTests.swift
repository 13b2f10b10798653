// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth
import Testing

@testable import MillwrightCommands

@Suite("Exit styles")
struct ExitStyleTests {
    @Test(
        "Each status has the code that its reader knows",
        arguments: [
            (ExitStyle.sysexits, HealthThreshold.fail, [0, 0, 1]), (.sysexits, .warn, [0, 1, 1]),
            (.docker, .fail, [0, 0, 1]), (.docker, .warn, [0, 1, 1]), (.nagios, .fail, [0, 1, 2]),
            (.nagios, .warn, [0, 1, 2]),
        ] as [(ExitStyle, HealthThreshold, [Int32])]
    )
    func statuses(style: ExitStyle, threshold: HealthThreshold, codes: [Int32]) {
        #expect(HealthStatus.allCases.map { style.code(of: $0, failOn: threshold).rawValue } == codes)
    }

    @Test("What could not be looked at is unknown to Nagios, and Docker never sees its reserved 2")
    func errors() {
        for code in [ExitCode.unavailable, .settings, .usage, .terminated] {
            #expect(ExitStyle.nagios.code(ofError: code).rawValue == 3)
            #expect(ExitStyle.docker.code(ofError: code).rawValue == 1)
            #expect(ExitStyle.sysexits.code(ofError: code) == code)
        }
    }
}
