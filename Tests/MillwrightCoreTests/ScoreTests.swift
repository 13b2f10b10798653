// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Score")
struct ScoreTests {
    private static func outcome(_ worst: [Severity]) -> CheckOutcome {
        CheckOutcome(name: "c", title: "C", verdict: .of(worst.map { Finding("a.X001", $0, on: "s", message: "M.") }))
    }

    private static let unknown = CheckOutcome(name: "u", title: "U", verdict: .unknown(reason: "R.", cure: nil))

    @Test(
        "A check earns by its worst finding, and grave matters weigh more than one check",
        arguments: [
            ([], 10, 10), ([.info], 10, 10), ([.warning, .info, .warning], 5, 10), ([.error, .warning], 0, 20),
            ([.critical, .error], 0, 40),
        ] as [([Severity], Double, Double)]
    )
    func points(worst: [Severity], points: Double, possible: Double) {
        let score = Score.of(sections: [Section("s", title: "S", outcomes: [Self.outcome(worst)])])

        #expect(score.parts == [Score.Part(name: "S", possible: possible, points: points)])
    }

    @Test("What could not be told neither gives nor takes, but is counted")
    func unknown() {
        let score = Score.of(sections: [Section("s", title: "S", outcomes: [Self.outcome([]), Self.unknown])])

        #expect(score.parts == [Score.Part(name: "S", possible: 10, points: 10, unknown: 1)])
        #expect(score.value == 100)
    }

    @Test("Where nothing could be judged there is no mark")
    func nothing() {
        #expect(Score.of(sections: [Section("s", title: "S", outcomes: [Self.unknown])]).value == nil)
        #expect(Score.of(sections: []).value == nil)
        #expect(Score.of(sections: [Section("data", title: "Data")]).parts.isEmpty)
    }

    @Test("The mark is the parts' points by what they could give, and worse is never better")
    func mark() {
        let marks = ([[]] + Severity.allCases.map { [$0] }).map { worst in
            Score.of(sections: [
                Section("s", title: "S", outcomes: [Self.outcome([]), Self.outcome([]), Self.outcome(worst)])
            ]).value ?? -1
        }

        #expect(marks == [100, 100, 83, 50, 33])
    }
}
