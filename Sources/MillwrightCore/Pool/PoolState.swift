// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides what a connection pool does next.
///
/// It holds no lock, starts no task, reads no clock and draws no number: the pool tells it what happened, when, and what was
/// drawn, and carries out what it returns. Connections and waiters are numbers; the pool keeps what they stand for. Times are
/// spans since any fixed start.
public struct PoolState: Sendable {
    /// What to do with an idle connection.
    public enum Idle: Sendable, Hashable {
        /// Lend it.
        case lend(connection: Int)
        /// Ask its server whether it is still there, then lend it.
        case check(connection: Int)
        /// Close it: it is too old. Then ask again.
        case retire(connection: Int)
    }

    /// What a caller gets where nothing is idle.
    public enum Request: Sendable, Hashable {
        /// A place to open a new connection, under this number.
        case open(connection: Int)
        /// A place in the queue, under the number it asked with.
        case wait
        /// Nothing: as many wait as may.
        case refuseFull
        /// Nothing: the pool is closed.
        case refuseClosed
    }

    /// What becomes of a connection that was just opened.
    public enum Opening: Sendable, Hashable {
        /// It is lent to whoever opened it.
        case keep
        /// It is closed, being older than an eviction, and another is opened in its place.
        case reopen(connection: Int)
        /// It is closed: so is the pool.
        case close
    }

    /// A place that the first in the queue may open a connection in.
    public struct Place: Sendable, Hashable {
        /// Who was first.
        public var waiter: Int
        /// The new connection's number.
        public var connection: Int

        /// Creates a place.
        public init(waiter: Int, connection: Int) {
            self.waiter = waiter
            self.connection = connection
        }
    }

    /// What becomes of a connection that came back.
    public enum Release: Sendable, Hashable {
        /// It stays, idle.
        case park
        /// It goes to the first in the queue.
        case lend(waiter: Int)
        /// It is closed, and its place goes to the first in the queue.
        case close(PoolCloseReason, next: Place?)
        /// Nothing: it was closed while it was lent.
        case none
    }

    enum Phase: Sendable { case opening, lent, idle, abandoned }

    struct Member: Sendable {
        var phase = Phase.opening
        var generation: Int
        var expiry: Duration?
        var idleSince = Duration.zero
    }

    /// The bounds it keeps.
    public let limits: PoolLimits
    /// Connections nobody uses, the most recently used last.
    public internal(set) var idle: [Int] = []
    /// Whether it was closed.
    public internal(set) var isClosed = false
    /// The generation of connections opened from now on.
    public internal(set) var generation = 0
    var members: [Int: Member] = [:]
    var line = WaitingLine()
    var openingsFailed = 0
    var retryAt: Duration?
    private var lastConnection = 0

    /// Creates a state without connections.
    public init(_ limits: PoolLimits) { self.limits = limits }

    /// How many connections are lent out or being opened.
    public var inUse: Int { self.members.count - self.idle.count }
    /// Callers in the queue, the first to be served first.
    public var waiting: [Int] { self.line.waiters }
    /// How many callers wait.
    public var waitingCount: Int { self.line.count }
    /// Whether there is no connection left, not even a lent one.
    public var isEmpty: Bool { self.members.isEmpty }

    // MARK: Asking

    /// A caller wants a connection: what to do with the most recently used idle one; `nil` where none is idle.
    public mutating func takeIdle(at now: Duration) -> Idle? {
        guard let connection = self.idle.popLast(), var member = self.members[connection] else { return nil }
        if let expiry = member.expiry, expiry <= now {
            self.members[connection] = nil
            return .retire(connection: connection)
        }
        member.phase = .lent
        self.members[connection] = member
        let isOld = now - member.idleSince >= self.limits.checkAfter
        return isOld ? .check(connection: connection) : .lend(connection: connection)
    }

    /// A caller wants a connection and none is idle; `waiter` is a number of its own, and it waits until `deadline`.
    public mutating func request(waiter: Int, until deadline: Duration) -> Request {
        precondition(self.idle.isEmpty, "an idle connection is taken before a place")
        guard !self.isClosed else { return .refuseClosed }
        if self.members.count < self.limits.maximum { return .open(connection: self.place()) }
        guard self.line.count < self.limits.maximumWaiting else { return .refuseFull }
        self.line.append(waiter, until: deadline)
        return .wait
    }

    /// A caller no longer waits; false where it was served already.
    public mutating func leave(waiter: Int) -> Bool { self.line.leave(waiter) }

    /// Turns away those who have waited too long.
    public mutating func takeLate(at now: Duration) -> [Int] { self.line.takeLate(at: now) }

    // MARK: Opening

    /// A connection was opened; `random` from 0 to 1 spreads the ages at which connections are replaced.
    public mutating func opened(connection: Int, at now: Duration, random: Double) -> Opening {
        self.openingsFailed = 0
        self.retryAt = nil
        guard let member = self.members[connection], member.phase == .opening, !self.isClosed else {
            self.members[connection] = nil
            return .close
        }
        if member.generation < self.generation { return .reopen(connection: self.renew(connection)) }
        let share = 1 - self.limits.ageSpread * random
        self.members[connection]?.phase = .lent
        self.members[connection]?.expiry = self.limits.maximumAge.map { now + $0 * share }
        return .keep
    }

    /// A connection could not be opened; returns who may try next, in its place.
    ///
    /// `delay` is how long the background opens none after so many failures in a row.
    public mutating func openingFailed(
        connection: Int,
        at now: Duration,
        delay: (_ failures: Int) -> Duration
    ) -> Place? {
        self.openingsFailed += 1
        self.retryAt = now + delay(self.openingsFailed)
        return self.vacate(connection)
    }

    /// A lent connection turned out to be broken before anybody used it; returns the number of another in its place.
    public mutating func renew(_ connection: Int) -> Int {
        self.members[connection] = nil
        return self.place()
    }

    // MARK: Coming back

    /// A connection came back.
    public mutating func release(connection: Int, isUsable: Bool, at now: Duration) -> Release {
        guard var member = self.members[connection], member.phase != .abandoned else {
            self.members[connection] = nil
            return .none
        }
        precondition(member.phase == .lent, "a connection came back twice")
        if let reason = self.end(of: member, isUsable: isUsable, at: now) {
            return .close(reason, next: self.vacate(connection))
        }
        if let waiter = self.line.next() { return .lend(waiter: waiter) }
        member.phase = .idle
        member.idleSince = now
        self.members[connection] = member
        self.idle.append(connection)
        return .park
    }

    /// A connection that nobody uses, or that was just taken for somebody, is broken.
    public mutating func forget(_ connection: Int) {
        self.members[connection] = nil
        self.idle.removeAll { $0 == connection }
    }

    private func end(of member: Member, isUsable: Bool, at now: Duration) -> PoolCloseReason? {
        if self.isClosed { return .shutdown }
        if !isUsable { return .broken }
        if member.generation < self.generation { return .evicted }
        if let expiry = member.expiry, expiry <= now { return .age }
        return nil
    }

    mutating func place() -> Int {
        self.lastConnection += 1
        self.members[self.lastConnection] = Member(generation: self.generation)
        return self.lastConnection
    }

    private mutating func vacate(_ connection: Int) -> Place? {
        self.members[connection] = nil
        guard !self.isClosed, let waiter = self.line.next() else { return nil }
        return Place(waiter: waiter, connection: self.place())
    }
}
