// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// Runs `body` in a task of its own and returns whether it came back in time.
///
/// A task group would wait for a child that ignores its cancellation, which is just what must not happen here: the task
/// is cancelled at the deadline, or with its caller, and left to itself. Its caller sees to it that there is never a second one.
func bounded(by deadline: Duration, _ body: @escaping @Sendable () async -> Void) async -> Bool {
    let race = Race()
    let work = Task {
        await body()
        race.end(inTime: true)
    }
    let alarm = Task {
        try? await Task.sleep(for: deadline)
        race.end(inTime: false)
        // A body that just came back no longer cares.
        work.cancel()
    }
    defer { alarm.cancel() }
    return await withTaskCancellationHandler {
        await race.result()
    } onCancel: {
        race.end(inTime: false)
        work.cancel()
    }
}

/// Whoever comes first decides.
private final class Race: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Bool, Never>)
        case ended(Bool)
    }

    private let state = Mutex(State.open)

    func end(inTime: Bool) {
        let waiter: CheckedContinuation<Bool, Never>? = self.state.withLock { state in
            switch state {
            case .ended: return nil
            case .open:
                state = .ended(inTime)
                return nil
            case .awaited(let waiter):
                state = .ended(inTime)
                return waiter
            }
        }
        waiter?.resume(returning: inTime)
    }

    func result() async -> Bool {
        await withCheckedContinuation { waiter in
            let ended: Bool? = self.state.withLock { state in
                if case .ended(let inTime) = state { return inTime }
                state = .awaited(waiter)
                return nil
            }
            if let ended { waiter.resume(returning: ended) }
        }
    }
}
