// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CEpoll
import Glibc
import Synchronization

/// Jobs that wait for a loop's thread.
///
/// What the loop's own jobs and events make is queued without a lock and without a wake.
final class JobQueue: @unchecked Sendable {
    // @unchecked: `inbox` and `thread` are synchronized; `own` is touched on the loop's thread only.

    /// A job, and whether it is an actor's: the runtime must know, or each change to the other kind queues the task anew.
    struct Entry {
        var job: UnownedJob
        var isActors: Bool
    }

    /// What other threads gave, and whether the loop must be woken for it.
    private struct Inbox {
        var entries: [Entry] = []
        var isAsleep = false
    }

    /// Becomes readable when a sleeping loop must wake.
    let wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
    private let thread = Atomic<UInt>(0)
    private let inbox = Mutex(Inbox())
    private var own: [Entry] = []

    /// Whether the caller runs on the loop's thread.
    var isCurrent: Bool { self.thread.load(ordering: .relaxed) == UInt(pthread_self()) }
    /// Whether jobs of the loop's own wait; on the loop only.
    var hasOwn: Bool { !self.own.isEmpty }

    /// Makes the calling thread the loop's.
    func adoptThread() { self.thread.store(UInt(pthread_self()), ordering: .relaxed) }

    func checkIsolated() { precondition(self.isCurrent, "not on the event loop") }

    /// Queues a job, and wakes the loop where it sleeps.
    func enqueue(_ job: UnownedJob, isActors: Bool) {
        let entry = Entry(job: job, isActors: isActors)
        guard !self.isCurrent else { return self.own.append(entry) }
        let mustWake = self.inbox.withLock { inbox in
            inbox.entries.append(entry)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        guard mustWake else { return }
        var one: UInt64 = 1
        _ = write(self.wakeDescriptor, &one, 8)
    }

    /// Takes what was queued into an empty array; where nothing was, the loop counts as asleep from here on.
    func take(into entries: inout [Entry]) -> Bool {
        swap(&entries, &self.own)
        return self.inbox.withLock { inbox in
            if entries.isEmpty { swap(&entries, &inbox.entries) } else { entries += inbox.entries }
            inbox.entries.removeAll(keepingCapacity: true)
            inbox.isAsleep = entries.isEmpty
            return entries.isEmpty
        }
    }

    /// The loop waits no longer: whoever queues a job need not wake it.
    func awoke() { self.inbox.withLock { $0.isAsleep = false } }

    /// Takes what made the wake descriptor readable.
    func drainWakes() {
        var count: UInt64 = 0
        _ = read(self.wakeDescriptor, &count, 8)
    }
}

/// A loop as the executor of its actors.
final class LoopIsolation: SerialExecutor {
    private let queue: JobQueue

    init(_ queue: JobQueue) { self.queue = queue }

    func enqueue(_ job: consuming ExecutorJob) { self.queue.enqueue(UnownedJob(job), isActors: true) }
    func checkIsolated() { self.queue.checkIsolated() }
}
