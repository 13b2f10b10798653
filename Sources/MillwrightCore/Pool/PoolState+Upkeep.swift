// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension PoolState {
    /// What the pool does without being asked.
    public enum Upkeep: Sendable, Hashable {
        /// Close this idle connection.
        case close(connection: Int, PoolCloseReason)
        /// Open a connection under this number, and release it when it stands.
        case open(connection: Int)
    }

    /// What is due: idle connections that are too old or that nobody needs are closed, and the minimum is opened.
    public mutating func upkeep(at now: Duration) -> [Upkeep] {
        guard !self.isClosed else { return [] }
        var due: [Upkeep] = []
        for connection in self.idle {
            guard let expiry = self.members[connection]?.expiry, expiry <= now else { continue }
            self.forget(connection)
            due.append(.close(connection: connection, .age))
        }
        while let coldest = self.idle.first, let end = self.idleEnd(of: coldest), end <= now {
            self.forget(coldest)
            due.append(.close(connection: coldest, .idle))
        }
        while self.members.count < self.limits.minimum, self.retryAt.map({ $0 <= now }) ?? true {
            due.append(.open(connection: self.place()))
        }
        return due
    }

    /// When to ask for ``upkeep(at:)`` again; `nil` where nothing will be due before something else happens.
    ///
    /// While there is a minimum it is every `checkAfter` at least: a connection that broke while idle is noticed so.
    public func nextUpkeep(at now: Duration) -> Duration? {
        guard !self.isClosed else { return nil }
        var times = self.idle.compactMap { self.members[$0]?.expiry }
        if let coldest = self.idle.first, let end = self.idleEnd(of: coldest) { times.append(end) }
        if self.limits.minimum > 0 {
            let isShort = self.members.count < self.limits.minimum
            times.append(isShort ? self.retryAt ?? now : now + self.limits.checkAfter)
        }
        return times.min()
    }

    private func idleEnd(of connection: Int) -> Duration? {
        guard self.members.count > self.limits.minimum, let timeout = self.limits.idleTimeout else { return nil }
        return self.members[connection].map { $0.idleSince + timeout }
    }

    // MARK: The end

    /// Uses no connection of this generation or an older one any more; returns the idle ones, to close at once.
    ///
    /// What is lent closes when it comes back. Telling it a generation that is gone already changes nothing, so that many
    /// callers may tell it of one failover.
    public mutating func evict(through generation: Int) -> [Int] {
        guard generation >= self.generation else { return [] }
        self.generation = generation + 1
        let evicted = self.idle
        for connection in evicted { self.forget(connection) }
        return evicted
    }

    /// The generation that a connection belongs to.
    public func generation(of connection: Int) -> Int { self.members[connection]?.generation ?? self.generation }

    /// Closes the pool: the idle connections to close at once and the waiters to turn away; what is lent closes when it comes back.
    public mutating func close() -> (connections: [Int], waiters: [Int]) {
        self.isClosed = true
        let result = (connections: self.idle, waiters: self.line.waiters)
        for connection in result.connections { self.forget(connection) }
        self.line.removeAll()
        return result
    }

    /// Waits no longer for what is lent; returns the connections to close under their borrowers.
    public mutating func abandon() -> [Int] {
        let lent = self.members.filter { $0.value.phase == .lent }.map(\.key).sorted()
        for connection in self.members.keys { self.members[connection]?.phase = .abandoned }
        return lent
    }
}
