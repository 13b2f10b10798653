// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Server settings")
struct ServerSettingsTests {
    private func marks(_ change: (inout ServerSettings.Observation) -> Void) -> [String] {
        var observation = ServerSettings.Observation(
            values: ["fsync": "on", "full_page_writes": "on"],
            window: StatisticsWindow(now: 7200, serverStart: 0, databaseReset: nil, sharedReset: 0)
        )
        change(&observation)
        return ServerSettings().verdict(on: observation).marks
    }

    @Test("Data at risk is critical")
    func unsafe() {
        #expect(self.marks { _ in } == [])
        #expect(self.marks { $0.values["fsync"] = "off" } == ["settings.C001 fsync"])
    }

    @Test("Most checkpoints forced, and enough of them, is evidence")
    func checkpoints() {
        #expect(
            self.marks { ($0.timedCheckpoints, $0.requestedCheckpoints) = (4, 6) } == ["settings.W002 max_wal_size"]
        )
        #expect(self.marks { ($0.timedCheckpoints, $0.requestedCheckpoints) = (6, 6) } == [])
        #expect(self.marks { ($0.timedCheckpoints, $0.requestedCheckpoints) = (0, 5) } == [])
    }

    @Test("What spills to disk counts by the hour")
    func spills() {
        #expect(self.marks { $0.temporaryBytes = 1 << 30 } == [])
        #expect(self.marks { $0.temporaryBytes = 1 << 31 } == ["settings.W003 work_mem"])
    }

    @Test("A change that waits for a restart is worth knowing")
    func pending() {
        #expect(self.marks { $0.pending = ["shared_buffers"] } == ["settings.I004 shared_buffers"])
    }
}
