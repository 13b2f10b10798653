// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Trials of indexes")
struct IndexTrialTests {
    private let trial = IndexTrial(statements: ["SELECT 1"])

    private func seen(_ seconds: Double, blocks: Int, shape: String, updates: Int = 0, hot: Int = 0)
        -> IndexTrial.Observation
    {
        IndexTrial.Observation(
            measurements: [.init(seconds: seconds, blocks: blocks, shape: shape)],
            updates: updates,
            hotUpdates: hot
        )
    }

    private func judge(_ before: IndexTrial.Observation, _ after: IndexTrial.Observation) -> TrialResult {
        self.trial.judge(before: before, after: after)
    }

    @Test("An index stays where a statement reads fewer pages or takes less time by it")
    func gains() {
        let fewer = self.judge(self.seen(1, blocks: 1000, shape: "Seq"), self.seen(1, blocks: 10, shape: "Index"))
        let faster = self.judge(self.seen(1, blocks: 10, shape: "Sort"), self.seen(0.5, blocks: 10, shape: "Index"))

        #expect(fewer.isKept && faster.isKept)
        #expect(fewer.statements.map(\.effect) == [.gains])
    }

    @Test("Without another plan there is no gain, whatever the clock says")
    func samePlan() {
        let result = self.judge(self.seen(1, blocks: 1000, shape: "Seq"), self.seen(0.2, blocks: 900, shape: "Seq"))

        #expect(!result.isKept)
        #expect(result.reasons == ["No statement gained by it."])
    }

    @Test("It goes where a statement lost by it")
    func loses() {
        let trial = IndexTrial(statements: ["SELECT 1", "SELECT 2"])
        let before = IndexTrial.Observation(measurements: [
            .init(seconds: 1, blocks: 1000, shape: "Seq"), .init(seconds: 1, blocks: 1000, shape: "Seq"),
        ])
        let after = IndexTrial.Observation(measurements: [
            .init(seconds: 0.1, blocks: 10, shape: "Index"), .init(seconds: 2, blocks: 5000, shape: "Index"),
        ])

        #expect(trial.judge(before: before, after: after).reasons == ["A statement lost by it."])
    }

    @Test("It goes where updates stop being HOT, and too few updates tell nothing")
    func hot() {
        let old = self.seen(1, blocks: 1000, shape: "Seq", updates: 100, hot: 95)
        let bad = self.judge(old, self.seen(0.1, blocks: 10, shape: "Index", updates: 100, hot: 5))
        let few = self.judge(old, self.seen(0.1, blocks: 10, shape: "Index", updates: 5, hot: 0))

        #expect(bad.reasons == ["Updates were HOT for 95 % before it and 5 % with it."])
        #expect(few.isKept)
    }

    @Test("A point query that takes ten times as long lost, though that is less than a millisecond; noise is no loss")
    func shortLoss() {
        let old = self.seen(0.0001, blocks: 4, shape: "Index a")
        let harm = self.judge(old, self.seen(0.001, blocks: 30, shape: "Index b"))
        let noise = self.judge(old, self.seen(0.00014, blocks: 4, shape: "Index b"))

        #expect(harm.harms == ["A statement lost by it."])
        #expect(noise.harms == [])
    }

    private func broken(_ shape: String) -> IndexTrial.Observation {
        var seen = self.seen(30, blocks: 0, shape: shape)
        seen.measurements[0]?.isBroken = true
        return seen
    }

    @Test(
        "A statement that fails by a value since its plan has changed lost; by the old plan, or before, it tells nothing"
    )
    func broken() {
        let old = self.seen(1, blocks: 1000, shape: "Seq")

        let harm = self.judge(old, self.broken("Index"))
        #expect(harm.statements.map(\.effect) == [.loses])
        #expect(harm.harms == ["A statement fails by it: its plan comes to a value that it cannot take."])
        #expect(self.judge(old, self.broken("Seq")).statements.map(\.effect) == [.unmeasured])
        #expect(self.judge(self.broken("Seq"), self.broken("Index")).statements.map(\.effect) == [.unmeasured])
    }

    @Test("What could not be measured is not called useless")
    func unmeasured() {
        let old = self.seen(1, blocks: 1000, shape: "Seq")
        let nothing = IndexTrial.Observation(measurements: [nil])

        #expect(
            self.judge(old, nothing).reasons
                == ["It could not be measured: a statement that ran before could not be run with it."]
        )
        #expect(self.judge(nothing, nothing).reasons == ["It could not be measured: no statement could be run."])
    }

    @Test("The functions that a plan's expressions call are found, quoted and qualified ones, and none in a literal")
    func calls() {
        let expression =
            #"((lower(t.a) = 'f(x)''g('::text) AND ("My S"."Odd ""f"(t.b) > 1) AND (a.b IN (1)) OR s.h(1))"#

        #expect(
            CalledFunction.names(in: expression) == [
                CalledFunction(name: "lower"), CalledFunction(schema: "My S", name: #"Odd "f"#),
                CalledFunction(schema: "s", name: "h"),
            ]
        )
    }

    @Test("Of a script only single SELECTs are measured; the others are returned apart, never run")
    func parse() {
        let (trial, left) = IndexTrial.parse(
            """
            -- the dashboard
            SELECT count(*) FROM t WHERE note = 'a;b';
            UPDATE t SET a = 1; WITH x AS (SELECT 1) SELECT * FROM x;
            """
        )

        #expect(trial.statements.count == 2)
        #expect(left == ["UPDATE t SET a = 1"])
    }
}
