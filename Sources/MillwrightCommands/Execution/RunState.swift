// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides when a running command is cancelled and when it is no longer waited for.
///
/// It starts no task and reads no clock, so a test drives it as plain calls.
struct RunState {
    /// What can happen while a command runs.
    enum Event: Hashable {
        case finished
        case signal(Int32)
        case deadline
        case callerCancelled
        case graceOver
    }

    /// Why a command was stopped.
    enum Reason: Hashable {
        case signal(Int32)
        case deadline
        case callerCancelled
    }

    /// What to do about an event.
    enum Action: Hashable {
        case wait
        /// Cancel the command and give it the grace time.
        case cancel
        /// The command is over; `stopped` says why it did not end by itself.
        case end(stopped: Reason?)
        /// The command did not stop in time: leave it behind.
        case abandon(Reason)
    }

    private var reason: Reason?

    /// Takes an event.
    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .finished: .end(stopped: self.reason)
        case .signal(let number): self.stop(for: .signal(number), isImpatient: true)
        case .deadline: self.stop(for: .deadline, isImpatient: false)
        case .callerCancelled: self.stop(for: .callerCancelled, isImpatient: false)
        case .graceOver: self.reason.map(Action.abandon) ?? .wait
        }
    }

    /// The first reason cancels; a signal after it means at once.
    private mutating func stop(for reason: Reason, isImpatient: Bool) -> Action {
        guard let first = self.reason else {
            self.reason = reason
            return .cancel
        }
        return isImpatient ? .abandon(first) : .wait
    }
}
