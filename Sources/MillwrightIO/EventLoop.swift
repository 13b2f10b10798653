// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import CEpoll
import Glibc

/// One thread and one epoll set: the executor of the connections it watches, and of any task that prefers it.
///
/// A connection is an actor whose executor is ``asUnownedSerialExecutor()``, so a readiness event reaches it without a change of
/// thread; a task started with `withTaskExecutorPreference(EventLoop.shared)` reaches its connections without one, too. Nothing
/// that runs on the loop may block: what must block goes to ``BlockingThreads``.
///
/// A loop runs as long as the process does.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // @unchecked: `queue` is synchronized; every variable is touched on the loop's own thread only, which `checkIsolated` enforces
    // at their doors.

    /// The loop that drivers use where none is given.
    public static let shared = EventLoop()

    /// What a descriptor is ready for, or is watched for.
    public struct Readiness: OptionSet, Sendable {
        /// The bits of `epoll(7)`.
        public let rawValue: UInt32
        /// Creates a set from the bits of `epoll(7)`.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Bytes, or the end of the stream, can be read.
        public static let read = Readiness(rawValue: EPOLLIN.rawValue)
        /// Bytes can be written.
        public static let write = Readiness(rawValue: EPOLLOUT.rawValue)
        /// The peer is gone; always reported, whatever is watched for.
        public static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    /// How often jobs that make new jobs may do so before descriptors are looked at again.
    private static let roundsPerTurn = 8
    /// Ticks since the last sweep above which the loop, not the server, was late.
    private static let ticksForLateness: UInt64 = 10

    private let queue = JobQueue()
    private let isolation: LoopIsolation
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let ticker = Ticker(periodNanoseconds: 5_000_000)
    private var watches: [Watch?] = []
    private var watchesBegun: UInt32 = 0
    private var swept: [ObjectIdentifier: any Swept] = [:]
    private var turnEnd: [() -> Void] = []
    private var busyWait = BusyWait()
    private var hasTicked = false
    private var sweptLate = false

    /// Creates a loop and starts its thread.
    public init() {
        self.isolation = LoopIsolation(self.queue)
        let wake = self.queue.wakeDescriptor
        let tick = self.ticker.descriptor
        precondition(self.epoll >= 0 && wake >= 0 && tick >= 0, "no file descriptor left for an event loop")
        for descriptor in [wake, tick] {
            _ = mw_epoll_ctl(self.epoll, EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, UInt64(descriptor))
        }
        let hasThread = startThread(named: "millwright.loop") { self.run() }
        precondition(hasThread, "no thread left for an event loop")
    }

    // MARK: Executor

    /// Queues a job of a task that prefers the loop, and wakes the loop where it sleeps.
    public func enqueue(_ job: consuming ExecutorJob) { self.queue.enqueue(UnownedJob(job), isActors: false) }

    /// The loop as the executor of an actor.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self.isolation) }
    /// The loop as the executor that a task prefers.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    /// Stops the program where the caller is not on the loop: a programmer's error.
    public func checkIsolated() { self.queue.checkIsolated() }

    /// Whether the caller runs on the loop's thread.
    public var isCurrent: Bool { self.queue.isCurrent }

    // MARK: Descriptors, on the loop only

    /// Watches a descriptor, or replaces what it is watched for and by whom.
    public func watch(_ descriptor: Int32, for readiness: Readiness, handler: @escaping (Readiness) -> Void) {
        self.checkIsolated()
        let index = Int(descriptor)
        while self.watches.count <= index { self.watches.append(nil) }
        let operation = self.watches[index] == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        self.watchesBegun &+= 1
        let watch = Watch(descriptor: descriptor, number: self.watchesBegun, handler: handler)
        self.watches[index] = watch
        let code = mw_epoll_ctl(self.epoll, operation, descriptor, readiness.rawValue, watch.id)
        // Closed under its watcher, and its number given out again: the kernel has forgotten the watch by itself.
        if code != 0, errno == ENOENT {
            _ = mw_epoll_ctl(self.epoll, EPOLL_CTL_ADD, descriptor, readiness.rawValue, watch.id)
        }
    }

    /// Changes what a watched descriptor is watched for.
    public func change(_ descriptor: Int32, to readiness: Readiness) {
        guard self.watches.indices.contains(Int(descriptor)), let watch = self.watches[Int(descriptor)] else { return }
        _ = mw_epoll_ctl(self.epoll, EPOLL_CTL_MOD, descriptor, readiness.rawValue, watch.id)
    }

    /// Ends the watch; must come before the descriptor is closed.
    public func unwatch(_ descriptor: Int32) {
        self.checkIsolated()
        guard self.watches.indices.contains(Int(descriptor)), self.watches[Int(descriptor)] != nil else { return }
        self.watches[Int(descriptor)] = nil
        _ = mw_epoll_ctl(self.epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    // MARK: Deadlines, on the loop only

    /// Looks at `waiting` every few milliseconds until it says that nothing of it waits any more.
    ///
    /// Setting a deadline so costs a comparison, not a timer.
    public func sweep(_ waiting: any Swept) {
        if self.swept.isEmpty { self.ticker.start() }
        self.swept[ObjectIdentifier(waiting)] = waiting
    }

    // MARK: Answers, on the loop only

    /// A connection has asked and nothing answered yet: the loop may stay awake for a moment, because answers mostly come soon.
    public func awaitsAnswer() { self.busyWait.answersAwaited += 1 }

    /// A connection that awaited an answer awaits none any more.
    public func awaitsAnswerNoLonger() { self.busyWait.answersAwaited -= 1 }

    // MARK: Turns, on the loop only

    /// Runs `work` once, when the jobs at hand have run and before the loop waits.
    ///
    /// What many tasks put into a connection's buffer in one turn leaves it in one write so.
    public func atEndOfTurn(_ work: @escaping () -> Void) {
        self.checkIsolated()
        self.turnEnd.append(work)
    }

    // MARK: The loop

    private func run() {
        self.queue.adoptThread()
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        var entries: [JobQueue.Entry] = []
        while true {
            let isIdle = self.runJobs(&entries)
            self.endTurn()
            let mayWait = isIdle && !self.queue.hasOwn
            let count = mayWait ? self.wait(for: &events) : self.look(for: &events)
            if isIdle { self.queue.awoke() }
            for index in 0..<Int(max(count, 0)) { self.deliver(&events[index]) }
            if self.hasTicked { self.sweep() }
        }
    }

    /// Runs what is queued, and what that queues, for some rounds; returns whether nothing is left.
    private func runJobs(_ entries: inout [JobQueue.Entry]) -> Bool {
        let serial = self.asUnownedSerialExecutor()
        let task = self.asUnownedTaskExecutor()
        for _ in 0..<Self.roundsPerTurn {
            if self.queue.take(into: &entries) { return true }
            for entry in entries {
                if entry.isActors {
                    entry.job.runSynchronously(isolatedTo: serial, taskExecutor: task)
                } else {
                    entry.job.runSynchronously(on: task)
                }
            }
            entries.removeAll(keepingCapacity: true)
        }
        return false
    }

    /// Waits until something happens; returns how many events there are.
    private func wait(for events: inout [epoll_event]) -> Int32 {
        let start = Deadline.preciseNow
        var now = start
        while now - start < BusyWait.limitNanoseconds, self.busyWait.isWorthwhile(at: now) {
            let before = now
            sched_yield()
            now = Deadline.preciseNow
            let isContended = self.busyWait.gaveWay(from: before, to: now)
            let count = self.look(for: &events)
            if count != 0 { return count }
            if isContended { break }
        }
        let count = epoll_wait(self.epoll, &events, Int32(events.count), -1)
        self.busyWait.waited(nanoseconds: Deadline.preciseNow - start)
        return count
    }

    private func look(for events: inout [epoll_event]) -> Int32 {
        epoll_wait(self.epoll, &events, Int32(events.count), 0)
    }

    private func endTurn() {
        guard !self.turnEnd.isEmpty else { return }
        let work = self.turnEnd
        self.turnEnd.removeAll(keepingCapacity: true)
        for piece in work { piece() }
    }

    private func deliver(_ event: inout epoll_event) {
        let id = mw_epoll_id(&event)
        let descriptor = Int32(truncatingIfNeeded: id)
        if descriptor == self.queue.wakeDescriptor { return self.queue.drainWakes() }
        if descriptor == self.ticker.descriptor {
            self.hasTicked = true
            return
        }
        // An earlier event of this round may have ended the watch, and begun another of the same descriptor.
        guard let watch = self.watches[Int(descriptor)], watch.id == id else { return }
        watch.handler(Readiness(rawValue: mw_epoll_events(&event)))
    }

    /// Has what is late given up, once what came has been delivered.
    ///
    /// Where the loop itself was late, what came meanwhile may be the first of several steps: the next tick judges.
    private func sweep() {
        self.hasTicked = false
        let wasLate = self.ticker.drain() > Self.ticksForLateness && !self.sweptLate
        self.sweptLate = wasLate
        guard !wasLate else { return }
        let now = Deadline(nanoseconds: Deadline.now)
        for (id, waiting) in self.swept where waiting.assumeIsolated({ $0.swept(at: now) }) { self.swept[id] = nil }
        if self.swept.isEmpty { self.ticker.stop() }
    }
}

/// Who is told of a descriptor's readiness.
private struct Watch {
    /// The descriptor, and the watch's own number above it: a descriptor's number is given out again once it is closed.
    let id: UInt64
    let handler: (EventLoop.Readiness) -> Void

    init(descriptor: Int32, number: UInt32, handler: @escaping (EventLoop.Readiness) -> Void) {
        self.id = UInt64(number) << 32 | UInt64(UInt32(bitPattern: descriptor))
        self.handler = handler
    }
}

/// An actor of the loop with something that has a deadline.
public protocol Swept: Actor {
    /// Gives up what is late; returns whether nothing waits any more, so that the loop stops asking.
    func swept(at now: Deadline) -> Bool
}
