// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Channels that stay subscribed to: a lost connection is made again, and it is said that messages may have been missed.
///
/// ```swift
/// let prices = RedisSubscription(try RedisConfiguration("redis://127.0.0.1"), channels: ["prices"])
/// for try await event in prices {
///     switch event {
///     case .subscribed: print("read the prices from the database: what came before was not heard")
///     case .message(let message): print(message.text ?? "")
///     case .interrupted(let error): print("messages are missed from here on:", error)
///     }
/// }
/// ```
/// Everything happens while somebody waits for the next event: there is no task of its own, and whoever stops reading
/// closes the connection by letting the iterator go.
public struct RedisSubscription: AsyncSequence, Sendable {
    /// What happened.
    public enum Event: Sendable, Hashable {
        /// All channels are subscribed to: what is published from here on comes. It is the first event, and the one after an
        /// interruption.
        case subscribed
        /// Somebody published.
        case message(RedisMessage)
        /// The connection was lost, or messages came faster than they were read: some may have been missed.
        case interrupted(RedisError)
    }

    private let configuration: @Sendable () async throws -> RedisConfiguration
    private let channels: [String]
    private let patterns: [String]
    private let bufferLimit: Int
    private let backoff: Backoff

    /// Creates a subscription to channels of one server.
    ///
    /// - Parameters:
    ///   - configuration: where and who.
    ///   - channels: the channels' names.
    ///   - patterns: glob patterns of channels' names.
    ///   - bufferLimit: how many messages may wait to be read.
    ///   - backoff: how long to wait before connecting again.
    public init(
        _ configuration: RedisConfiguration,
        channels: [String] = [],
        patterns: [String] = [],
        bufferLimit: Int = 10_000,
        backoff: Backoff = Backoff(base: .milliseconds(100), cap: .seconds(10))
    ) {
        self.init(channels: channels, patterns: patterns, bufferLimit: bufferLimit, backoff: backoff) { configuration }
    }

    /// Creates a subscription to a server that is asked for anew before each connection, as where a failover moves it.
    public init(
        channels: [String] = [],
        patterns: [String] = [],
        bufferLimit: Int = 10_000,
        backoff: Backoff = Backoff(base: .milliseconds(100), cap: .seconds(10)),
        at configuration: @escaping @Sendable () async throws -> RedisConfiguration
    ) {
        self.configuration = configuration
        self.channels = channels
        self.patterns = patterns
        self.bufferLimit = bufferLimit
        self.backoff = backoff
    }

    /// Begins to read; the connection is made when the first event is asked for.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// A reader, with a connection of its own.
    public struct Iterator: AsyncIteratorProtocol {
        private let subscription: RedisSubscription
        private var messages: RedisSubscriber.Messages.Iterator?
        private var failures = 0

        fileprivate init(subscription: RedisSubscription) { self.subscription = subscription }

        /// Waits for the next event, and connects where that is due.
        ///
        /// It throws only what trying again does not cure: a password that is wrong, a channel that is forbidden, a cancelled
        /// task. A connection that cannot be made is tried again for as long as somebody waits.
        public mutating func next() async throws -> Event? {
            guard var messages else { return try await self.resubscribe() }
            do {
                guard let message = try await messages.next() else { return nil }
                self.messages = messages
                return .message(message)
            } catch let error as RedisError {
                self.messages = nil
                return .interrupted(error)
            }
        }

        private mutating func resubscribe() async throws -> Event {
            while true {
                do {
                    self.messages = try await self.subscription.subscribe().messages.makeAsyncIterator()
                    self.failures = 0
                    return .subscribed
                } catch let error as RedisError where error.isWorthAnotherTry {
                    let pause = self.subscription.backoff.delay(attempt: self.failures, random: .random(in: 0...1))
                    self.failures += 1
                    try await Task.sleep(for: pause)
                }
            }
        }
    }

    private func subscribe() async throws -> RedisSubscriber {
        let subscriber = try await RedisSubscriber.connect(self.configuration(), bufferLimit: self.bufferLimit)
        try await subscriber.subscribe(to: self.channels)
        try await subscriber.subscribe(matching: self.patterns)
        return subscriber
    }
}

extension RedisError {
    /// Whether time may cure it: messages that come faster than they are read may come slower the next time.
    var isWorthAnotherTry: Bool {
        if self.code == .overflow { return true }
        return self.isOutage && ![.wrongPassword, .noAuthentication].contains(self.code)
    }
}
