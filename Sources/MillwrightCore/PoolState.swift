// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Decides what a connection pool does next.
///
/// It holds no lock, starts no task and reads no clock: the pool tells it what happened and carries out what it returns.
/// Connections and waiters are numbers; the pool keeps what they stand for.
public struct PoolState: Sendable {
    /// What a caller who wants a connection gets.
    public enum Request: Sendable, Hashable {
        /// This idle connection.
        case lend(connection: Int)
        /// A place to open a new one, under this number.
        case open(connection: Int)
        /// A place in the queue, under the number it asked with.
        case wait
        /// Nothing: as many wait as may.
        case refuseFull
        /// Nothing: the pool is closed.
        case refuseClosed
    }

    /// What becomes of a connection that came back, or of a place that became free.
    public enum Release: Sendable, Hashable {
        /// It stays, idle.
        case park
        /// It goes to the first in the queue.
        case lend(waiter: Int)
        /// It is closed.
        case close
        /// It is closed, and the first in the queue opens a new one under this number.
        case replace(waiter: Int, connection: Int)
    }

    /// The most connections.
    public let maximum: Int
    /// The most waiters.
    public let maximumWaiting: Int
    /// Connections nobody uses, the most recently used last.
    public private(set) var idle: [Int] = []
    /// Connections lent out or being opened.
    public private(set) var inUse: Set<Int> = []
    /// Callers in the queue, the first to be served first.
    public private(set) var waiting: [Int] = []
    /// Whether it was closed.
    public private(set) var isClosed = false
    private var lastConnection = 0

    /// Creates a state without connections.
    public init(maximum: Int, maximumWaiting: Int) {
        self.maximum = max(1, maximum)
        self.maximumWaiting = max(0, maximumWaiting)
    }

    /// A caller wants a connection; `waiter` is a number of its own.
    public mutating func request(waiter: Int) -> Request {
        guard !self.isClosed else { return .refuseClosed }
        if let connection = self.idle.popLast() {  // the warmest first, so that the rest may grow old
            self.inUse.insert(connection)
            return .lend(connection: connection)
        }
        if self.inUse.count < self.maximum { return .open(connection: self.place()) }
        guard self.waiting.count < self.maximumWaiting else { return .refuseFull }
        self.waiting.append(waiter)
        return .wait
    }

    /// A connection came back, or could not be opened (`isUsable` false).
    public mutating func release(connection: Int, isUsable: Bool) -> Release {
        precondition(self.inUse.contains(connection), "a connection came back twice")
        if self.isClosed || !isUsable {
            self.inUse.remove(connection)
            guard !self.isClosed, let waiter = self.nextWaiter() else { return .close }
            return .replace(waiter: waiter, connection: self.place())
        }
        if let waiter = self.nextWaiter() { return .lend(waiter: waiter) }
        self.inUse.remove(connection)
        self.idle.append(connection)
        return .park
    }

    /// A caller no longer waits; false where it was served already.
    public mutating func leave(waiter: Int) -> Bool {
        guard let index = self.waiting.firstIndex(of: waiter) else { return false }
        self.waiting.remove(at: index)
        return true
    }

    /// An idle connection broke or grew too old; false where it is in use or gone.
    public mutating func drop(idle connection: Int) -> Bool {
        guard let index = self.idle.firstIndex(of: connection) else { return false }
        self.idle.remove(at: index)
        return true
    }

    /// Closes the pool: the idle connections to close at once and the waiters to turn away; what is lent closes when it comes back.
    public mutating func close() -> (connections: [Int], waiters: [Int]) {
        defer {
            self.isClosed = true
            self.idle = []
            self.waiting = []
        }
        return (self.idle, self.waiting)
    }

    private mutating func place() -> Int {
        self.lastConnection += 1
        self.inUse.insert(self.lastConnection)
        return self.lastConnection
    }

    private mutating func nextWaiter() -> Int? { self.waiting.isEmpty ? nil : self.waiting.removeFirst() }
}

/// How busy a pool is.
public struct PoolStatistics: Sendable, Hashable {
    /// Connections lent out or being opened.
    public var inUse: Int
    /// Connections nobody uses.
    public var idle: Int
    /// Callers that wait.
    public var waiting: Int
    /// The most connections.
    public var maximum: Int

    /// Counts a pool's state.
    public init(_ state: PoolState) {
        self.inUse = state.inUse.count
        self.idle = state.idle.count
        self.waiting = state.waiting.count
        self.maximum = state.maximum
    }
}
