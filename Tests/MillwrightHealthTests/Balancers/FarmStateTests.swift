// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightHealth

@Suite("The state of a farm")
struct FarmStateTests {
    @Test(
        "The last server is the one beside which no other has a share",
        arguments: [
            ("UP 2/3; name=app/app1; node=lb1; weight=1/2; scur=13/22; qcur=0", false),
            ("UP; address=10.0.0.1; port=80; name=app/app1; node=lb1; weight=1/1; scur=0/0; qcur=0", true),
            ("UP 1/3; name=app/app1; weight=100/100; scur=0/0", true),
            ("no check; weight=1/1", true),
            ("UP; weight=0/0", false),
            ("DOWN 1/2; weight=1/1", false),
            ("DOWN; weight=1/0", true),
            ("NOLB 1/3; weight=1/1", false),
        ]
    )
    func last(header: String, isLast: Bool) throws {
        #expect(try #require(FarmState(header)).isLast == isLast)
    }

    @Test(
        "What does not say the weights is no state",
        arguments: ["", "UP", "weight=1/1x", "UP; weight=1", "UP; weight=-1/1"]
    )
    func noState(header: String) {
        #expect(FarmState(header) == nil)
    }
}
