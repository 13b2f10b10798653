// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
public import MillwrightIO

/// Notifications for as long as somebody wants them: a lost connection is made again, and the consumer told that it may have
/// missed some.
///
/// It connects when its loop asks for the first event, and in the loop's own task. A server that cannot be reached is tried again
/// with growing pauses; what trying again does not cure, such as a wrong password, is thrown. Cancelling the task ends the loop
/// with `CancellationError`, at any moment.
///
/// ```swift
/// let listener = PostgresListener(PostgresConfiguration("postgres://app@/erp"), channels: ["orders"])
/// for try await event in listener {
///     switch event {
///     case .notification(let notification): print("order \(notification.payload)")
///     case .mayHaveMissed: print("look at all orders once")
///     }
/// }
/// ```
public struct PostgresListener: AsyncSequence, Sendable {
    /// What a listener is told.
    public enum Event: Sendable, Hashable {
        /// Somebody notified a channel.
        case notification(PostgresNotification)
        /// Between the event before and the next there may have been others.
        case mayHaveMissed(Gap)
    }

    /// Why notifications may be missing.
    public enum Gap: Sendable, Hashable {
        /// The connection was lost; it listens again by now.
        case reconnected
        /// More came than the buffer holds; the connection is good.
        case overflowed
    }

    /// How to connect.
    public var configuration: PostgresConfiguration
    /// The channels' names as they are; they are quoted.
    public var channels: [String]
    /// The pauses between attempts to connect: 100 ms, growing to 30 s.
    public var backoff = Backoff(base: .milliseconds(100), cap: .seconds(30))
    /// How many notifications are kept for a consumer that is slower than they come: 1,000.
    public var bufferLimit = 1_000
    private let loop: EventLoop

    /// Creates a listener; nothing is connected yet.
    public init(_ configuration: PostgresConfiguration, channels: [String], on loop: EventLoop = .shared) {
        self.configuration = configuration
        self.channels = channels
        self.loop = loop
    }

    /// Begins to listen, with a connection of its own for each loop.
    public func makeAsyncIterator() -> Iterator { Iterator(listener: self) }

    /// Takes one event after another.
    public struct Iterator: AsyncIteratorProtocol {
        private let listener: PostgresListener
        private var connection: PostgresConnection?
        private var hasListened = false

        fileprivate init(listener: PostgresListener) { self.listener = listener }

        /// Waits for the next one, connecting first where there is no connection.
        public mutating func next() async throws -> Event? {
            while true {
                guard let connection = self.connection else {
                    self.connection = try await self.listener.connect()
                    defer { self.hasListened = true }
                    if self.hasListened { return .mayHaveMissed(.reconnected) }
                    continue
                }
                switch try await connection.nextForListener() {
                case .notification(let notification): return .notification(notification)
                case .overflowed: return .mayHaveMissed(.overflowed)
                case .ended, .wait: self.connection = nil
                }
            }
        }
    }

    /// Connects and listens, however often it takes.
    private func connect() async throws -> PostgresConnection {
        var attempt = 0
        while true {
            do {
                let connection = try await PostgresConnection.connect(self.configuration, on: self.loop)
                try await connection.listen(to: self.channels, bufferLimit: self.bufferLimit)
                return connection
            } catch let error as PostgresError where error.isOutage || error.code == .timedOut {
                try await Task.sleep(for: self.backoff.delay(attempt: attempt, random: .random(in: 0...1)))
                attempt += 1
            }
        }
    }
}
