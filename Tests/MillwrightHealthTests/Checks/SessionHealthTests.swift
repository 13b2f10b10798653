// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCaching
import Testing

@testable import MillwrightHealth

@Suite("The session failover's health")
struct SessionHealthTests {
    private func standing(
        database: Bool = true,
        copy: Bool = true,
        mode: SessionTrust.Mode = .auto
    ) -> SessionStanding {
        SessionStanding(
            trust: SessionTrust(
                generation: 3,
                phase: copy ? .trusted : .suspect,
                mode: mode,
                lease: .milliseconds(200)
            ),
            usesCopy: copy,
            reachesRedis: copy,
            reachesDatabase: database,
            figures: SessionFigures()
        )
    }

    @Test("Both stores pass, one warns and says which, and without PostgreSQL it fails")
    func codes() {
        #expect(SessionHealth.result(of: self.standing()).status == .pass)
        let redisOut = SessionHealth.result(of: self.standing(copy: false))
        #expect(redisOut.status == .warn && redisOut.code == "sessions.without_redis")
        let forced = SessionHealth.result(of: self.standing(copy: false, mode: .database))
        #expect(forced.status == .warn && forced.code == "sessions.forced_to_database")
        let databaseOut = SessionHealth.result(of: self.standing(database: false))
        #expect(databaseOut.status == .fail && databaseOut.code == "sessions.no_database")
    }
}
