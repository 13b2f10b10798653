// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// What every driver's pool does, shown on a real server: one test for each case.
///
/// ```swift
/// let server = try await PostgresPoolServer(TestServers.private(.postgresOnly))
/// for behaviour in PoolConformance.allCases { try await behaviour.verify(on: server) }
/// ```
public enum PoolConformance: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Many callers share few connections.
    case bounded = "has no more connections than its maximum, whatever the number of callers"
    /// Who waits longest is served first.
    case inTurn = "serves those who wait in the order in which they came"
    /// Waiting ends.
    case deadline = "turns away who waits too long, and nobody else"
    /// A caller that leaves takes nothing with it.
    case cancelledWaiting = "loses no place when callers are cancelled while they wait"
    /// A caller that leaves takes nothing with it.
    case cancelledOpening = "loses no place when callers are cancelled while their connection is opened"
    /// A caller that leaves takes nothing with it.
    case cancelledServed = "loses no place when a caller is cancelled just as it is served"
    /// The server hangs up on a session nobody uses.
    case endedIdle = "replaces a connection that the server ended while it was idle, unnoticed by the caller"
    /// The server hangs up on a session in use.
    case endedLent = "closes a connection that the server ended while it was lent, and goes on"
    /// The server goes and comes back.
    case outage = "fails while the server is down, and works when it is back"
    /// The pool ends well.
    case drained = "waits at its end for what is lent, and leaves no session on the server"
    /// The pool ends in time.
    case drainedLate = "closes at its end what does not come back in time"
    /// Connections are kept warm.
    case minimum = "keeps its minimum open, also after the server ended a connection"
    /// Connections are renewed.
    case maximumAge = "replaces a connection that is too old"
    /// All together.
    case race = "lends no connection twice and loses none while callers come and go"

    /// What is expected.
    public var description: String { self.rawValue }

    /// What was expected and did not happen.
    ///
    /// ```swift
    /// throw PoolConformance.Violation("3 of 2 connections")
    /// ```
    public struct Violation: Error, CustomStringConvertible {
        /// What happened instead.
        public let description: String

        /// Creates a violation.
        public init(_ description: String) { self.description = description }
    }

    /// Tries it; throws where the pool does something else.
    public func verify(on server: some PoolServer) async throws {
        switch self {
        case .bounded: try await PoolLending(server: server).bounded()
        case .inTurn: try await PoolLending(server: server).inTurn()
        case .deadline: try await PoolLending(server: server).deadline()
        case .cancelledWaiting: try await PoolCancelling(server: server).whileWaiting()
        case .cancelledOpening: try await PoolCancelling(server: server).whileOpening()
        case .cancelledServed: try await PoolCancelling(server: server).justServed()
        case .endedIdle: try await PoolFaults(server: server).endedIdle()
        case .endedLent: try await PoolFaults(server: server).endedLent()
        case .outage: try await PoolFaults(server: server).outage()
        case .drained: try await PoolLifetimes(server: server).drained()
        case .drainedLate: try await PoolLifetimes(server: server).drainedLate()
        case .minimum: try await PoolLifetimes(server: server).minimum()
        case .maximumAge: try await PoolLifetimes(server: server).maximumAge()
        case .race: try await PoolLending(server: server).race()
        }
    }
}

/// Throws where a claim does not hold.
func expect(_ claim: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !claim { throw PoolConformance.Violation(otherwise()) }
}

/// Waits until something holds; throws where it does not for 20 seconds.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try await !condition() {
        try expect(.now < end, "never: \(what)")
        try await Task.sleep(for: .milliseconds(2))
    }
}

extension PoolUnderTest {
    /// Throws where a connection or a waiter is left over.
    func expectNobodyIn() async throws {
        let statistics = await self.statistics()
        try expect(statistics.inUse == 0, "\(statistics.inUse) connections are still in use")
        try expect(statistics.waiting == 0, "\(statistics.waiting) callers still wait")
    }

    /// Throws where not every place can be lent at once; ends the pool.
    func expectAllPlaces() async throws {
        try await self.expectNobodyIn()
        let maximum = await self.statistics().maximum
        let sessions = SessionBooks()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<maximum {
                group.addTask {
                    try await self.withSession { session in
                        try sessions.enter(session)
                        try await eventually("all places lent") { sessions.most == maximum }
                        sessions.leave(session)
                    }
                }
            }
            try await group.waitForAll()
        }
        await self.drain(within: .seconds(10))
    }
}
