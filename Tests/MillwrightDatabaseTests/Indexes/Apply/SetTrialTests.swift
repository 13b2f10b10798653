// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Trials of sets of indexes")
struct SetTrialTests {
    private typealias Measurement = IndexTrial.Measurement

    /// A trial of indexes `i0`, `i1` and so on, each of which may change every statement; all of them stand.
    private func trial(_ before: [Double], calls: [Double]? = nil, indexes: Int) -> SetTrial {
        let statements = before.indices.map {
            IndexAdvice.MeasuredStatement(text: "SELECT \($0)", calls: calls?[$0] ?? 1)
        }
        var trial = SetTrial(
            IndexTrial(statements: []),
            statements: Array(repeating: statements, count: indexes)
        )
        trial.before = before.map { self.took($0) }
        for index in 0..<indexes { trial.stands(index, as: ["i\(index)"]) }
        return trial
    }

    private func took(_ seconds: Double, with indexes: Int..., blocks: Int = 1000) -> Measurement {
        let names = indexes.map { "i\($0)" }
        return Measurement(
            seconds: seconds,
            blocks: blocks,
            shape: names.isEmpty ? "Seq Scan" : names.joined(),
            indexes: Set(names)
        )
    }

    @Test("A set by which some gain and none loses stays")
    func stays() {
        var trial = self.trial([1, 1], indexes: 2)
        trial.take([self.took(0.5, with: 0), self.took(0.5, with: 1)])

        #expect(trial.falling().isEmpty)
        #expect(trial.result(of: 0).isKept && trial.result(of: 1).isKept)
    }

    @Test("Where a statement loses, of the indexes that it uses the one goes that is worth least to all")
    func blames() {
        var trial = self.trial([1, 1, 1], indexes: 2)
        trial.take([self.took(3, with: 0, 1), self.took(0.2, with: 1), self.took(0.9, with: 0)])

        let falls = trial.falling()

        #expect(falls.map(\.member) == [0])
        #expect(falls[0].result.reasons == ["A statement lost by it."])
        #expect(trial.users(of: [0]) == [0, 2])
        // without it the plan of the first is good, and that of the third as it was
        trial.take(self.took(0.4, with: 1), of: 0)
        trial.take(self.took(1), of: 2)
        #expect(trial.falling().isEmpty)
        #expect(trial.result(of: 1).statements.map(\.effect) == [.gains, .gains, .none])
    }

    @Test("What a statement loses counts as often as it runs when the blame is laid")
    func weighs() {
        var trial = self.trial([1, 1, 1], calls: [1, 1, 100], indexes: 2)
        trial.take([self.took(3, with: 0, 1), self.took(0.2, with: 1), self.took(0.9, with: 0)])

        #expect(trial.falling().map(\.member) == [1])
    }

    @Test("It goes on until no statement loses, also by a plan that only came up when another index was gone")
    func repeats() {
        var trial = self.trial([1, 1], indexes: 3)
        trial.take([self.took(2, with: 0), self.took(0.5, with: 1)])
        #expect(trial.falling().map(\.member) == [0])

        trial.take(self.took(1.5, with: 2), of: 0)
        #expect(trial.falling().map(\.member) == [2])

        trial.take(self.took(1), of: 0)
        #expect(trial.falling().isEmpty)
    }

    @Test("A loss is believed when it was seen twice")
    func confirms() {
        var trial = self.trial([1, 1], indexes: 1)
        trial.take([self.took(1.3, with: 0), self.took(0.5, with: 0)])

        #expect(trial.doubtful == [0])
        trial.confirm(self.took(1.05, with: 0), of: 0)
        #expect(trial.doubtful.isEmpty)
        #expect(trial.falling().isEmpty)

        var worse = self.trial([1, 1], indexes: 1)
        worse.take([self.took(1.3, with: 0), self.took(0.5, with: 0)])
        worse.confirm(self.took(1.6, with: 0), of: 0)
        #expect(worse.doubtful.isEmpty)
        #expect(worse.falling().map(\.member) == [0])
    }

    @Test("What went without curing the statement that blamed it gets a second chance, alone, and none after that")
    func secondChance() {
        var trial = self.trial([1, 4, 9], indexes: 2)
        trial.take([self.took(3, with: 0, 1), self.took(1, with: 0), self.took(1, with: 1)])
        // both are worth something, the first less
        #expect(trial.falling().map(\.member) == [0])
        trial.take(self.took(3, with: 1), of: 0)
        trial.take(self.took(4), of: 1)
        #expect(trial.falling().map(\.member) == [1])
        trial.take(self.took(1), of: 0)
        trial.take(self.took(9), of: 2)
        #expect(trial.falling().isEmpty)

        #expect(trial.secondChance() == 0)
        trial.stands(0, as: ["i0"])
        trial.take(self.took(1, with: 0), of: 1)
        #expect(trial.falling().isEmpty)
        #expect(trial.secondChance() == nil)
    }

    @Test("Who has a second chance is to blame for whatever loses by it")
    func probation() {
        var trial = self.trial([1, 4, 9, 1], indexes: 3)
        trial.take([
            self.took(3, with: 0, 1), self.took(1, with: 0), self.took(1, with: 1), self.took(0.5, with: 2),
        ])
        #expect(trial.falling().map(\.member) == [0])
        trial.take(self.took(3, with: 1), of: 0)
        trial.take(self.took(4), of: 1)
        #expect(trial.falling().map(\.member) == [1])
        trial.take(self.took(1), of: 0)
        trial.take(self.took(9), of: 2)
        #expect(trial.falling().isEmpty)
        #expect(trial.secondChance() == 0)
        trial.stands(0, as: ["i0"])

        // the third is worth less to all of them, and was there before
        trial.take(self.took(1, with: 0), of: 1)
        trial.take(self.took(2, with: 0, 2), of: 3)

        #expect(trial.falling().map(\.member) == [0])
    }

    @Test("Who cured who blamed it, or was worth nothing, gets no second chance")
    func noChance() {
        var trial = self.trial([1, 4, 9], indexes: 3)
        trial.take([self.took(3, with: 0, 1), self.took(1, with: 0), self.took(1, with: 2)])
        #expect(trial.falling().map(\.member) == [1])
        trial.take(self.took(3, with: 0), of: 0)
        #expect(trial.falling().map(\.member) == [0])
        trial.take(self.took(1), of: 0)
        trial.take(self.took(4), of: 1)

        #expect(trial.falling().isEmpty)
        #expect(trial.secondChance() == nil)
    }

    @Test("What no gaining statement uses goes once nothing loses any more")
    func useless() {
        var trial = self.trial([1, 1], indexes: 3)
        trial.take([self.took(0.98, with: 0), self.took(0.5, with: 1)])

        let falls = trial.falling()

        #expect(falls.map(\.member) == [0, 2])
        #expect(falls.map(\.result.reasons) == [["No statement gained by it."], ["No statement gained by it."]])
    }

    @Test("A machine that has become slower is no loss: statements whose plans are the same tell by how much")
    func drifts() {
        var slower = self.trial([1, 1, 1, 1], indexes: 1)
        slower.take([self.took(1.4), self.took(1.5), self.took(1.6), self.took(1.2, with: 0)])
        #expect(slower.drift == 1.5)
        #expect(slower.falling().isEmpty)

        var same = self.trial([1, 1, 1, 1], indexes: 1)
        same.take([self.took(1), self.took(1), self.took(1), self.took(1.2, with: 0)])
        #expect(same.falling().map(\.result.reasons) == [["A statement lost by it.", "No statement gained by it."]])
    }

    @Test(
        "What is measured later is judged by how slow the machine is then, and what was measured before by how slow it was"
    )
    func driftsBack() {
        var trial = self.trial([1, 1, 1, 1, 1], indexes: 2)
        trial.take([self.took(1.5), self.took(1.5), self.took(1.5), self.took(3, with: 0, 1), self.took(1.2, with: 1)])
        #expect(trial.falling().map(\.member) == [0])
        #expect(trial.controls == [0, 1, 2])

        trial.calibrate([0: self.took(1), 1: self.took(1), 2: self.took(1)])
        trial.take(self.took(1.2, with: 1), of: 3)

        #expect(trial.drift == 1)
        #expect(trial.result(of: 1).statements.suffix(2).map(\.effect) == [.loses, .gains])
        #expect(trial.falling().map(\.member) == [1])
    }

    @Test("What ran before and could not be run with the set is run once more, and then it was not measured")
    func unmeasured() {
        var trial = self.trial([1], indexes: 1)
        trial.take([nil])
        #expect(trial.doubtful == [0])
        trial.confirm(nil, of: 0)
        #expect(trial.doubtful.isEmpty)
        #expect(
            trial.falling()[0].result.reasons
                == ["It could not be measured: a statement that ran before could not be run with it."]
        )

        var cured = self.trial([1], indexes: 1)
        cured.take([nil])
        cured.confirm(self.took(0.5, with: 0), of: 0)
        #expect(cured.falling().isEmpty)
    }

    @Test("An index by which a statement fails goes, though another one gains by it")
    func broken() {
        var trial = self.trial([1, 1], indexes: 1)
        var broken = self.took(30, with: 0)
        broken.isBroken = true
        trial.take([broken, self.took(0.1, with: 0)])

        #expect(
            trial.falling().map(\.result.reasons)
                == [["A statement fails by it: its plan comes to a value that it cannot take."]]
        )
        #expect(SetOutcome.Time(trial)?.statements == 1)
    }

    @Test("Who reads fewer pages and is slower is measured three times before that is believed")
    func fewerPages() {
        var little = self.trial([1], indexes: 1)
        little.take([self.took(1.2, with: 0, blocks: 10)])
        for _ in 0..<2 {
            #expect(little.doubtful == [0])
            little.confirm(self.took(1.15, with: 0, blocks: 10), of: 0)
        }
        #expect(little.doubtful.isEmpty)
        #expect(little.falling().map(\.result.harms) == [["A statement lost by it."]])

        var noise = self.trial([1], indexes: 1)
        noise.take([self.took(1.2, with: 0, blocks: 10)])
        noise.confirm(self.took(1.15, with: 0, blocks: 10), of: 0)
        noise.confirm(self.took(1.05, with: 0, blocks: 10), of: 0)
        #expect(noise.doubtful.isEmpty && noise.falling().isEmpty)

        var much = self.trial([1], indexes: 1)
        much.take([self.took(4, with: 0, blocks: 10)])
        #expect(much.falling()[0].result.harms == ["A statement lost by it."])
    }

    @Test("A statement that was cut off before and ends now gains; one that is cut off now loses")
    func cutOff() {
        var cut = self.took(30, blocks: 0)
        cut.isCutOff = true
        var cured = self.trial([1], indexes: 1)
        cured.before = [cut]
        cured.take([self.took(20, with: 0)])
        #expect(cured.falling().isEmpty)

        cut.indexes = ["i0"]
        cut.shape = "i0"
        var broken = self.trial([20], indexes: 1)
        broken.take([cut])
        #expect(broken.falling()[0].result.harms == ["A statement lost by it."])
    }

    @Test("Statements that several indexes share are measured once; one that cannot be run measures nothing")
    func statements() {
        let lists = [["SELECT 1", "SELECT 2"], ["SELECT 2"], []].map { list in
            list.map { IndexAdvice.MeasuredStatement(text: $0) }
        }
        var trial = SetTrial(IndexTrial(statements: []), statements: lists)
        trial.before = [self.took(1), nil]

        #expect(trial.statements.map(\.text) == ["SELECT 1", "SELECT 2"])
        #expect((0..<3).map { trial.canMeasure($0) } == [true, false, false])
    }

    @Test("The times are those of the statements that were measured every time, before, with all, and at last")
    func times() throws {
        var trial = self.trial([1, 4, 9], calls: [10, 1, 1], indexes: 1)
        trial.before[2] = nil
        trial.take([self.took(2, with: 0), self.took(3, with: 0), self.took(1, with: 0)])
        trial.take(self.took(1), of: 0)

        let time = try #require(SetOutcome.Time(trial))

        #expect((time.statements, time.before, time.withAll, time.after) == (2, 5, 5, 4))
        #expect(abs(time.shareLeft - 13.0 / 14) < 1e-9)
    }
}
