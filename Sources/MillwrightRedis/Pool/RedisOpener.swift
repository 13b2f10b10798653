// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightIO
import MillwrightPooling

/// Opens a client's connections, as far as the breaker of their server lets it: to the configured server, or to the primary that
/// the Sentinels name.
struct RedisOpener: Sendable {
    let configuration: RedisConfiguration
    /// The breaker of the server; that of this client's primary, whoever it is, where Sentinels name it.
    let breaker: EndpointBreaker
    let loop: EventLoop
    /// Who follows the primary; `nil` where no Sentinels are configured.
    let watch: PrimaryWatch?
    /// Told where the server refuses to write, unless Sentinels say who takes its place.
    let demotion = Demotion()

    init(_ configuration: RedisConfiguration, loop: EventLoop) {
        self.configuration = configuration
        self.loop = loop
        let breaker = configuration.sentinels == nil ? EndpointBreaker.of(configuration) : EndpointBreaker()
        self.breaker = breaker
        self.watch = configuration.sentinels.map { PrimaryWatch($0, for: configuration, breaker: breaker, loop: loop) }
    }

    /// Opens a connection without asking the breaker.
    func connect() async throws -> RedisConnection {
        if let watch { return try await watch.open() }
        return await self.observed(try await RedisConnection.connect(self.configuration, loop: self.loop))
    }

    private func observed(_ connection: RedisConnection) async -> RedisConnection {
        await connection.tellOfTrouble { [demotion] in demotion.notice($0) }
        return connection
    }

    /// Opens a connection where the breaker lets it, and tells the breaker how it went.
    func open() async -> Result<RedisConnection, any Error> {
        do {
            if let watch { return .success(try await watch.open()) }
            return .success(
                await self.observed(
                    try await RedisConnection.connect(self.configuration, through: self.breaker, loop: self.loop)
                )
            )
        } catch {
            return .failure(error)
        }
    }

    /// Throws where the server is left in peace, so that a caller need not even queue.
    func peek() throws {
        if let watch { try watch.peek() } else { try self.breaker.peek() }
    }

    /// A command was answered.
    func answered() {
        if let watch { watch.answered() } else { self.breaker.answered() }
    }

    /// A command failed; one that was sent to a deposed primary says nothing of its successor.
    func commandFailed(_ error: any Error, on connection: RedisConnection) {
        let breaker = self.watch == nil ? self.breaker : EndpointBreaker.of(connection.configuration)
        breaker.commandFailed(error)
    }

    /// Whether a command that failed so was not run and may succeed on the next connection.
    ///
    /// - Parameter isGivenUp: whether its connection takes no more commands.
    func isWorthRetrying(_ error: RedisError, isGivenUp: Bool) -> Bool {
        switch error.code {
        case .connectionLost: !error.mayHaveRun
        // Its connection led to a server that is no primary any more; the next one leads to its successor.
        case .readOnly: self.watch != nil || isGivenUp
        case .primaryDown: self.watch != nil
        default: false
        }
    }
}

extension RedisConnection {
    /// Connects where the breaker of the server lets it, and tells the breaker how it went.
    static func connect(
        _ configuration: RedisConfiguration,
        through breaker: EndpointBreaker,
        loop: EventLoop
    ) async throws -> RedisConnection {
        try breaker.check()
        do {
            let connection = try await Self.connect(configuration, loop: loop)
            breaker.answered()
            return connection
        } catch {
            breaker.openingFailed(error)
            throw error
        }
    }
}
