// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// A driver's pool, as ``PoolConformance`` sees it.
///
/// ```swift
/// func inUse(_ pool: some PoolUnderTest) async throws -> Int {
///     try await pool.withSession { _ in await pool.statistics().inUse }
/// }
/// ```
public protocol PoolUnderTest: Sendable {
    /// Lends a session for as long as `body` runs.
    func withSession<Value: Sendable>(_ body: (any PoolSession) async throws -> Value) async throws -> Value
    /// Returns how busy it is.
    func statistics() async -> PoolStatistics
    /// Closes it, and waits until what is lent has come back.
    func drain(within timeout: Duration) async
    /// Closes it.
    func close() async
}

/// A session with a server, on a connection of a pool.
///
/// ```swift
/// func visit(_ session: any PoolSession) async throws -> String {
///     try await session.use()
///     return session.id
/// }
/// ```
public protocol PoolSession: Sendable {
    /// What the server calls it.
    var id: String { get }
    /// Asks the server something small, and throws where it does not answer.
    func use() async throws
}

/// How a pool of the suite is bounded; the driver's defaults hold for the rest.
///
/// ```swift
/// var bounds = PoolBounds(maximum: 3)
/// bounds.acquireTimeout = .milliseconds(50)
/// ```
public struct PoolBounds: Sendable {
    /// The most connections.
    public var maximum: Int
    /// The fewest connections.
    public var minimum = 0
    /// How long a caller waits.
    public var acquireTimeout: Duration = .seconds(30)
    /// How old a connection may get.
    public var maximumAge: Duration?
    /// After how long an idle connection is checked.
    public var checkAfter: Duration = .seconds(30)

    /// Creates bounds.
    public init(maximum: Int) { self.maximum = maximum }
}

/// A server that the suite may break, and what makes pools of its sessions.
///
/// ```swift
/// func sessionsLeft(on server: some PoolServer) async throws -> Int {
///     let pool = try await server.pool(PoolBounds(maximum: 2))
///     await pool.drain(within: .seconds(5))
///     return try await server.sessions()
/// }
/// ```
public protocol PoolServer: Sendable {
    /// The driver's pool.
    associatedtype Pool: PoolUnderTest
    /// Makes a pool.
    func pool(_ bounds: PoolBounds) async throws -> Pool
    /// Has the server end a session.
    func end(_ session: String) async throws
    /// How many sessions of pools made here the server has.
    func sessions() async throws -> Int
    /// Kills the server.
    func kill() async throws
    /// Starts the server again.
    func restart() async throws
}
