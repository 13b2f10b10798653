// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Connections")
struct ConnectionsTests {
    private func survey(_ count: Int, state: String = "idle", old: Int = 0) -> ConnectionSurvey {
        ConnectionSurvey(
            groups: [
                .init(application: "erp", user: "app", database: "erp", state: state, count: count, oldCount: old)
            ],
            maximum: 103,
            reserved: 3
        )
    }

    @Test(
        "What counts is what an ordinary role can have",
        arguments: [(79, []), (80, ["pools.W001 max_connections"]), (90, ["pools.E002 max_connections"])]
    )
    func saturation(count: Int, marks: [String]) {
        #expect(ConnectionSaturation().verdict(on: self.survey(count)).marks == marks)
    }

    @Test("A role's or database's own limit runs out on its own")
    func limits() {
        var survey = self.survey(5)
        survey.limits = [
            .init(subject: "role app", limit: 5, used: 5), .init(subject: "database erp", limit: 50, used: 5),
        ]

        #expect(ConnectionSaturation().verdict(on: survey).marks == ["pools.E002 role app"])
    }

    @Test("A pool's idle connections are no leak until they take a good part of the server for long")
    func idle() {
        #expect(IdleConnections().verdict(on: self.survey(40, old: 20)).marks == [])
        #expect(IdleConnections().verdict(on: self.survey(40, old: 25)).marks == ["pools.W010 erp as app"])
        #expect(IdleConnections().verdict(on: self.survey(40, state: "active", old: 25)).marks == [])
    }

    @Test("Without the right to see sessions nothing is said of them")
    func hidden() {
        var survey = self.survey(99)
        survey.seesSessions = false

        for verdict in [ConnectionSaturation().verdict(on: survey), IdleConnections().verdict(on: survey)] {
            guard case .unknown(_, let cure) = verdict else {
                Issue.record("It should not know.")
                continue
            }
            #expect(cure == "GRANT pg_monitor TO app;")
        }
    }

    @Test("The table shows who holds what")
    func exhibits() {
        let exhibits = ConnectionSaturation().exhibits(on: self.survey(4))

        #expect(exhibits.tables[0].rows == [["erp", "app", "erp", "local", "idle", 4, .seconds(0)]])
        #expect(exhibits.facts.contains(Evidence("connections for ordinary roles", 100)))
    }
}
