// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Tool errors")
struct ToolErrorTests {
    @Test("An error says three sentences on one line, and no control gets through")
    func description() {
        let error = ToolError(
            .unavailable,
            tried: "Tried to look.",
            stopped: "The server\n\u{1B}[2J is away.",
            next: "Start it."
        )

        #expect("\(error)" == "Tried to look. The server ␛[2J is away. Start it.")
        #expect(error.code.rawValue == 69)
    }
}
