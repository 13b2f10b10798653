// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Dispatch
import Glibc
import Synchronization
import Testing

@testable import MillwrightIO

/// An actor that lives on a loop and counts what reaches it.
private actor Counter: Swept {
    private let loop: EventLoop
    private var count = 0
    private var deadline = Deadline.never
    private var late: CheckedContinuation<Void, Never>?
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    func add() -> Int {
        self.loop.checkIsolated()
        self.count += 1
        return self.count
    }

    func waitUntil(_ deadline: Deadline) async {
        self.deadline = deadline
        self.loop.sweep(self)
        await withCheckedContinuation { self.late = $0 }
    }

    func swept(at now: Deadline) -> Bool {
        guard now >= self.deadline else { return false }
        self.late?.resume()
        self.late = nil
        return true
    }

    /// Watches a descriptor that somebody else will close without a word.
    func forget(_ descriptor: Int32) { self.loop.watch(descriptor, for: .read) { _ in } }

    /// Reads one byte when the pipe has one.
    func byte(from descriptor: Int32) async -> UInt8 {
        await withCheckedContinuation { continuation in
            self.loop.watch(descriptor, for: .read) { [loop] readiness in
                #expect(readiness.contains(.read))
                var byte: UInt8 = 0
                _ = read(descriptor, &byte, 1)
                loop.unwatch(descriptor)
                continuation.resume(returning: byte)
            }
        }
    }
}

/// An actor whose answer comes in two steps, through two pipes, and is late when it is not there at its deadline.
private actor Steps: Swept {
    private let loop: EventLoop
    private var isThere = false
    private var outcome: CheckedContinuation<Bool, Never>?
    private var deadline = Deadline.never
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    /// Holds the loop up until the deadline is over, with the first step's byte ready; returns whether the answer was in time.
    func answer(through first: [Int32], _ second: [Int32], within limit: Duration, after delay: Duration) async -> Bool
    {
        self.watch(first[0]) { $0.send(to: second[1]) }
        self.watch(second[0]) { $0.isThere = true }
        self.deadline = .after(limit)
        self.loop.sweep(self)
        self.send(to: first[1])
        usleep(UInt32(delay / .microseconds(1)))
        return await withCheckedContinuation { self.outcome = $0 }
    }

    func swept(at now: Deadline) -> Bool {
        guard self.isThere || now >= self.deadline else { return false }
        self.outcome?.resume(returning: self.isThere)
        return true
    }

    private func watch(_ descriptor: Int32, _ step: @escaping @Sendable (isolated Steps) -> Void) {
        self.loop.watch(descriptor, for: .read) { [loop] _ in
            loop.unwatch(descriptor)
            self.assumeIsolated { step($0) }
        }
    }

    private func send(to descriptor: Int32) {
        var byte: UInt8 = 1
        #expect(write(descriptor, &byte, 1) == 1)
    }
}

/// Two watches of which the first to be told ends the other, closes what it watched, and watches something else by that number.
private actor Rivals {
    private let loop: EventLoop
    private var toldOfAnother = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    /// Makes both ready at once; returns how often the watch of `empty`, which has nothing to read, was told of something.
    func compete(_ one: [Int32], _ other: [Int32], empty: Int32) async -> Int {
        let left = await withCheckedContinuation { continuation in
            for (mine, others) in [(one[0], other[0]), (other[0], one[0])] {
                self.loop.watch(mine, for: .read) { [loop] _ in
                    loop.unwatch(mine)
                    loop.unwatch(others)
                    #expect(dup2(empty, others) == others)
                    loop.watch(others, for: .read) { _ in self.assumeIsolated { $0.toldOfAnother += 1 } }
                    continuation.resume(returning: others)
                }
            }
            for ends in [one, other] {
                var byte: UInt8 = 1
                #expect(write(ends[1], &byte, 1) == 1)
            }
        }
        self.loop.unwatch(left)
        return self.toldOfAnother
    }
}

@Suite("Event loop")
struct EventLoopTests {
    @Test("Jobs of an actor run on the loop's thread, one at a time")
    func serial() async {
        let counter = Counter(loop: EventLoop())

        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    for _ in 0..<100 { _ = await counter.add() }
                }
            }
        }

        #expect(await counter.add() == 10_001)
    }

    @Test("A task that prefers the loop runs on it between its awaits")
    func preference() async {
        let loop = EventLoop()

        let isOnLoop = await withTaskExecutorPreference(loop) { await currentThreadIsOn(loop) }

        #expect(isOnLoop)
        #expect(!loop.isCurrent)
    }

    @Test("A deadline is noticed although no descriptor becomes ready")
    func deadline() async {
        let counter = Counter(loop: EventLoop())
        let deadline = Deadline.after(.milliseconds(30))

        await counter.waitUntil(deadline)

        #expect(deadline.isOver)
    }

    @Test("What came while the loop was held up is delivered, in all its steps, before a deadline is judged")
    func heldUp() async {
        var first: [Int32] = [0, 0]
        var second: [Int32] = [0, 0]
        #expect(pipe(&first) == 0 && pipe(&second) == 0)
        defer { (first + second).forEach { close($0) } }
        let steps = Steps(loop: EventLoop())

        let isInTime = await steps.answer(
            through: first,
            second,
            within: .milliseconds(20),
            after: .milliseconds(100)
        )

        #expect(isInTime)
    }

    @Test("A byte in a pipe wakes whoever watches it")
    func readiness() async {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let counter = Counter(loop: EventLoop())
        let (reading, writing) = (ends[0], ends[1])

        async let byte = counter.byte(from: reading)
        var sent: UInt8 = 42
        #expect(write(writing, &sent, 1) == 1)

        #expect(await byte == 42)
    }

    @Test("A descriptor that was closed under its watcher can be watched again under the same number")
    func reusedNumber() async {
        let counter = Counter(loop: EventLoop())
        var old: [Int32] = [0, 0]
        var ends: [Int32] = [0, 0]
        #expect(pipe(&old) == 0 && pipe(&ends) == 0)
        defer { (old + ends).forEach { close($0) } }
        await counter.forget(old[0])
        let (reading, writing) = (dup2(ends[0], old[0]), ends[1])  // closes what was watched

        async let byte = counter.byte(from: reading)
        var sent: UInt8 = 7
        #expect(write(writing, &sent, 1) == 1)

        #expect(await byte == 7)
    }

    @Test("A watch is not told of what came for another that had the same descriptor")
    func reusedNumberInOneRound() async {
        var pipes = [[Int32]](repeating: [0, 0], count: 3)
        for index in pipes.indices { #expect(pipe(&pipes[index]) == 0) }
        defer { pipes.joined().forEach { close($0) } }
        let rivals = Rivals(loop: EventLoop())

        let toldOfAnother = await rivals.compete(pipes[0], pipes[1], empty: pipes[2][0])

        #expect(toldOfAnother == 0)
    }

    private func currentThreadIsOn(_ loop: EventLoop) async -> Bool { loop.isCurrent }
}

@Suite("Deadline")
struct DeadlineTests {
    @Test("A deadline has a rest until it is over; one that never comes has none")
    func remaining() throws {
        let soon = Deadline.after(.seconds(60))

        #expect(try #require(soon.remaining) > .seconds(59))
        #expect(Deadline.after(.seconds(-1)).isOver)
        #expect(Deadline.after(.zero).remaining == .zero)
        #expect(Deadline.never.remaining == nil)
        #expect(!Deadline.never.isOver)
    }

    @Test("A duration too long for the clock never comes, rather than wrapping around")
    func overflow() {
        #expect(Deadline.after(.seconds(Int64.max)) == .never)
        #expect(Deadline.after(.seconds(1)) < .never)
    }
}

/// How many run at once, and the most that ever did.
private final class Load: Sendable {
    private let counts = Mutex((running: 0, most: 0))
    var running: Int { self.counts.withLock { $0.running } }
    var most: Int { self.counts.withLock { $0.most } }

    func begin() {
        self.counts.withLock {
            $0.running += 1
            $0.most = max($0.most, $0.running)
        }
    }

    func end() { self.counts.withLock { $0.running -= 1 } }
}

@Suite("Blocking threads")
struct BlockingThreadsTests {
    @Test("No more threads run than the limit, and all work is done")
    func limit() async {
        let threads = BlockingThreads(named: "test", limit: 3)
        let load = Load()

        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await withCheckedContinuation { done in
                        threads.run {
                            load.begin()
                            sched_yield()
                            load.end()
                            done.resume()
                        }
                    }
                }
            }
        }

        #expect(load.running == 0)
        #expect((1...3).contains(load.most))
    }

    @Test("Work for which the system refuses a thread is done by those that run, or when it gives one again")
    func refused() async {
        let refusals = Mutex(3)
        let threads = BlockingThreads(named: "test", limit: 3) { name, body in
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            return !isRefused && startThread(named: name, body)
        }

        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask { await withCheckedContinuation { done in threads.run { done.resume() } } }
            }
        }

        #expect(refusals.withLock { $0 } < 0)
    }

    @Test("A thread that is refused beside one that runs leaves its work to that one")
    func refusedBeside() async {
        let started = Mutex(0)
        let threads = BlockingThreads(named: "test", limit: 2) { name, body in
            let isFirst = started.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst && startThread(named: name, body)
        }
        let gate = DispatchSemaphore(value: 0)
        let order = Mutex<[Int]>([])

        await withCheckedContinuation { done in
            threads.run {
                gate.wait()
                order.withLock { $0.append(1) }
            }
            threads.run {
                order.withLock { $0.append(2) }
                done.resume()
            }
            gate.signal()
        }

        #expect(order.withLock { $0 } == [1, 2])
        #expect(started.withLock { $0 } == 2)
    }
}
