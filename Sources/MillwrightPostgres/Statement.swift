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
    /// An error that waits until the rows before it were handed over.
    var failure: (any Error)?
    /// Whether a COPY's last bytes came.
    var isCopyOver = false

    init(cancellation: Cancellation?, deadline: Deadline) {
        self.cancellation = cancellation
        self.deadline = deadline
    }
}
