// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One direction of one connection through a proxy: what has come, and how much of it may go on now.
///
/// It touches no socket and reads no clock.
struct Conduit {
    typealias Instant = ContinuousClock.Instant

    /// What befalls the bytes.
    struct Fault: Sendable, Hashable {
        /// Whether they stay where they are.
        var isHeld = false
        var bytesPerSecond: Int?
        var latency = Duration.zero
        /// How many more pass before the connection is cut.
        var bytesUntilCut: Int?
        var cut = FaultProxy.Cut.reset

        static let hold = Self(isHeld: true)
    }

    /// What to do next.
    enum Step: Equatable {
        /// Pass these on, and tell with ``passed(_:at:)`` how many went.
        case pass(ArraySlice<UInt8>)
        /// Wait for the fault to end, for more bytes, or for an instant.
        case wait(until: Instant?)
        /// End the connection, both ways.
        case cut(FaultProxy.Cut)
        /// The sender has finished and so has this direction: tell the receiver.
        case finish
        /// Nothing passes any more.
        case done
    }

    /// What befalls the bytes; a count until the cut begins with the change.
    var fault = Fault()
    /// How many bytes have gone on.
    private(set) var passedBytes = 0
    // Few: there is room for 64 KB, and a parcel is what one read brought.
    private var parcels: [(bytes: ArraySlice<UInt8>, arrival: Instant)] = []
    private var injected: ArraySlice<UInt8> = []
    private var freeAt: Instant?
    private var end: FaultProxy.Cut?
    private var isFinished = false

    init(_ fault: Fault = Fault()) { self.fault = fault }

    /// How many bytes have come and not gone on.
    var waitingBytes: Int { self.injected.count + self.parcels.reduce(0) { $0 + $1.bytes.count } }
    /// Whether there is room for more: a receiver that does not read must be felt by the sender.
    var takesMore: Bool { self.end == nil && !self.isFinished && self.waitingBytes < 65_536 }

    mutating func add(_ bytes: ArraySlice<UInt8>, at now: Instant) { self.parcels.append((bytes, now)) }

    /// Puts bytes before all that waits; no fault keeps them back.
    mutating func inject(_ bytes: [UInt8]) { self.injected.append(contentsOf: bytes) }

    /// The sender sends no more; the receiver learns how it ended when all the rest has gone on.
    mutating func end(_ cut: FaultProxy.Cut) { self.end = cut }

    func step(at now: Instant) -> Step {
        if self.isFinished { return .done }
        if !self.injected.isEmpty { return .pass(self.injected) }
        if let left = self.fault.bytesUntilCut, left <= 0 { return .cut(self.fault.cut) }
        if self.fault.isHeld { return .wait(until: nil) }
        guard let first = self.parcels.first else { return self.afterLast }
        let due = max(first.arrival + self.fault.latency, self.freeAt ?? first.arrival)
        if due > now { return .wait(until: due) }
        return .pass(first.bytes.prefix(self.most))
    }

    private var afterLast: Step {
        switch self.end {
        case nil: .wait(until: nil)
        case .end: .finish
        case .reset: .cut(.reset)
        }
    }

    /// The most bytes that may pass at once: a hundredth of a second's worth where there is a pace.
    private var most: Int {
        let paced = self.fault.bytesPerSecond.map { max(1, $0 / 100) } ?? .max
        return min(paced, self.fault.bytesUntilCut ?? .max)
    }

    /// The first `count` bytes of the last step have gone on.
    mutating func passed(_ count: Int, at now: Instant) {
        self.passedBytes += count
        if !self.injected.isEmpty {
            self.injected = self.injected.dropFirst(count)
            return
        }
        if let left = self.fault.bytesUntilCut { self.fault.bytesUntilCut = left - count }
        if let pace = self.fault.bytesPerSecond { self.freeAt = now + .seconds(1) * count / max(1, pace) }
        self.parcels[0].bytes = self.parcels[0].bytes.dropFirst(count)
        if self.parcels[0].bytes.isEmpty { self.parcels.removeFirst() }
    }

    /// The receiver was told that nothing more comes, or takes no more.
    mutating func finish() {
        self.isFinished = true
        self.parcels = []
        self.injected = []
    }
}
