// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO

/// A statement under way: how to cancel it, until when it may take, and what ended it early.
final class Statement: @unchecked Sendable {
    // @unchecked: `cancellation` is a constant; the rest is touched by the connection alone, on the loop.

    /// What ended a statement before its last result.
    enum End { case timedOut, cancelled, discarded }

    /// `nil` while connecting, when there is nothing to cancel yet.
    let cancellation: Cancellation?
    var deadline: Deadline
    var end: End?
    /// The first error of the server; in a stream it waits until the rows before it were handed over.
    var failure: (any Error)?
    /// The last result that was no error.
    var last: PostgresResult?
    /// The statements, where they are many in one pipeline.
    var pipeline: Pipeline?
    /// Whether it made the server forget what it had parsed for the session.
    var endsPlans = false
    /// Whether it turned out to be a `COPY … FROM STDIN` that nobody has rows for.
    var isUnwantedCopyIn = false
    /// Whether it is worth waiting for the server to cancel it when it is late, so that its connection can be used again.
    var isWorthGrace = true
    /// Whether a COPY's last bytes came.
    var isCopyOver = false

    init(cancellation: Cancellation?, deadline: Deadline) {
        self.cancellation = cancellation
        self.deadline = deadline
    }

    /// Whether the server said that it was ready and had not answered.
    var hasNoAnswer: Bool { self.pipeline == nil && self.last == nil && self.failure == nil }

    /// Takes the results that can be had without waiting; returns whether the last one came.
    func takeResults(from handle: PostgresHandle) throws -> Bool {
        if let pipeline = self.pipeline {
            defer { self.endsPlans = pipeline.endsPlans }
            return try pipeline.takeResults(from: handle)
        }
        while !handle.isBusy {
            guard let result = handle.nextResult() else { return true }
            switch result.status {
            case .failed: self.failure = self.failure ?? result.error
            case .copyIn, .copyOut:
                self.isUnwantedCopyIn = result.status == .copyIn
                throw PostgresError.copy
            case .copyBoth: throw PostgresError.replication
            default:
                self.last = result
                if result.endsPlans { self.endsPlans = true }
            }
        }
        return false
    }
}
