// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightPostgres

@Suite("Pipeline answers")
struct PipelineAnswersTests {
    @Test("Each statement gets its own answer, in the order they were sent")
    func inOrder() {
        var answers = Self.sent(.run(0), .run(1))

        [.value("a"), .end, .value("b"), .end, .sync].forEach { answers.take($0) }

        #expect(answers.isComplete)
        #expect(Self.described(answers) == ["a", "b"])
    }

    @Test("An error is its statement's own, and those after it were not run")
    func errorInTheMiddle() {
        var answers = Self.sent(.run(0), .run(1), .run(2))

        let error = PostgresError(.queryFailed, sqlState: "22012")
        [.value("a"), .end, .failed(error), .end, .notRun, .end, .sync].forEach { answers.take($0) }

        #expect(answers.isComplete)
        #expect(answers.hasFailed)
        #expect(Self.described(answers) == ["a", "22012", "not run"])
    }

    @Test("It is not complete before the sync is answered")
    func incomplete() {
        var answers = Self.sent(.run(0))

        [.value("a"), .end].forEach { answers.take($0) }

        #expect(!answers.isComplete)
    }

    @Test(
        "What nobody asked for is noticed",
        arguments: [
            [.sync, .value("a"), .end, .sync], [.value("a"), .end, .end], [.value("a"), .end, .value("b")],
            [.value("a"), .end, .sync, .sync],
        ] as [[PipelineAnswers<String>.Reply]]
    )
    func outOfStep(replies: [PipelineAnswers<String>.Reply]) {
        var answers = Self.sent(.run(0))

        replies.forEach { answers.take($0) }

        #expect(answers.areOutOfStep)
    }

    @Test("An error instead of the sync's answer is the session's")
    func errorBeyondLast() {
        var answers = Self.sent(.run(0))

        let error = PostgresError(.queryFailed, sqlState: "57P01")
        [.value("a"), .end, .failed(error)].forEach { answers.take($0) }

        #expect(!answers.areOutOfStep)
        #expect(answers.failure?.sqlState == "57P01")
    }

    @Test("A statement that could not be parsed has that error, and its name is not kept")
    func refusedPreparation() {
        var answers = Self.sent(.prepare(0, name: "one"), .run(0, name: "one"))

        let error = PostgresError(.queryFailed, sqlState: "42P01")
        [.failed(error), .end, .notRun, .end, .sync].forEach { answers.take($0) }

        #expect(Self.described(answers) == ["42P01"])
        #expect(answers.unprepared == ["one"])
    }

    @Test("A second use of what could not be parsed says why, not that it is missing")
    func secondUse() {
        var answers = Self.sent(.prepare(0, name: "one"), .run(0, name: "one"), .run(1, name: "one"))

        let cause = PostgresError(.queryFailed, sqlState: "42P01")
        let missing = PostgresError(.queryFailed, sqlState: "26000")
        [.failed(cause), .end, .notRun, .end, .failed(missing), .end, .sync].forEach { answers.take($0) }

        #expect(Self.described(answers) == ["42P01", "42P01"])
    }

    @Test("What was prepared and what was given back have no rows of their own")
    func prepared() {
        var answers = Self.sent(.prepare(0, name: "two"), .run(0, name: "two"), .deallocate(name: "one"))

        [.value("P"), .end, .value("a"), .end, .value("D"), .end, .sync].forEach { answers.take($0) }

        #expect(Self.described(answers) == ["a"])
        #expect(answers.unprepared.isEmpty && answers.undropped.isEmpty)
    }

    @Test("A name that the server did not take back is known; one that it did not have is gone")
    func undropped() {
        var answers = Self.sent(.deallocate(name: "one"), .deallocate(name: "two"), .deallocate(name: "three"))

        let missing = PostgresError(.queryFailed, sqlState: "26000")
        let aborted = PostgresError(.queryFailed, sqlState: "25P02")
        [.failed(missing), .end, .failed(aborted), .end, .notRun, .end, .sync].forEach { answers.take($0) }

        #expect(answers.undropped == ["two", "three"])
        #expect(!answers.hasFailed && answers.isComplete)
    }

    private static func sent(_ parts: PipelineAnswers<String>.Part...) -> PipelineAnswers<String> {
        let count = parts.count { if case .run = $0 { true } else { false } }
        var answers = PipelineAnswers<String>(count: count)
        parts.forEach { answers.send($0) }
        answers.sendSync()
        return answers
    }

    private static func described(_ answers: PipelineAnswers<String>) -> [String] {
        answers.outcomes.map { outcome in
            switch outcome {
            case .success(let value): value
            case .failure(let error): error.code == .notRun ? "not run" : error.sqlState ?? "none"
            }
        }
    }
}
