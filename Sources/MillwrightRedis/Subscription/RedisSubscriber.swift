// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightIO

/// A connection of its own that listens to channels.
///
/// ```swift
/// let subscriber = try await RedisSubscriber.connect(RedisConfiguration("redis://127.0.0.1"))
/// try await subscriber.subscribe(to: ["prices", "orders"])
/// try await subscriber.subscribe(matching: ["news.*"])
/// for try await message in subscriber.messages {
///     print(message.channelName, message.text ?? "")
/// }
/// ```
/// It never loses a message in silence. Where the connection is lost, ``messages`` throws what has come before and
/// then ``RedisError/Code/connectionLost``; where more than `bufferLimit` messages wait to be read, it throws
/// ``RedisError/Code/overflow`` behind them. Nothing is subscribed to again by itself: ``RedisSubscription`` does that.
/// A `PING` every `pingInterval` finds out that a silent server is gone.
public actor RedisSubscriber {
    private let connection: RedisConnection
    private let loop: EventLoop
    private var buffer: MessageBuffer
    private var readers: [PendingReply<RedisMessage?>] = []

    /// The event loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    private init(_ connection: RedisConnection, bufferLimit: Int, loop: EventLoop) {
        self.connection = connection
        self.buffer = MessageBuffer(limit: bufferLimit)
        self.loop = loop
    }

    /// Connects; nothing is subscribed to yet.
    ///
    /// - Parameters:
    ///   - configuration: where and who; its `connectTimeout` bounds connecting and its `commandTimeout` each subscribing.
    ///   - bufferLimit: how many messages may wait to be read.
    ///   - pingInterval: how often a silent server is asked whether it is there.
    ///   - loop: the event loop it runs on.
    public static func connect(
        _ configuration: RedisConfiguration,
        bufferLimit: Int = 10_000,
        pingInterval: Duration = .seconds(10),
        loop: EventLoop = .shared
    ) async throws -> RedisSubscriber {
        let connection = try await RedisConnection.connect(configuration, loop: loop)
        let subscriber = RedisSubscriber(connection, bufferLimit: bufferLimit, loop: loop)
        await subscriber.begin(pingInterval: pingInterval)
        return subscriber
    }

    /// Subscribes to channels; returns when the server has confirmed all of them.
    ///
    /// A cancelled task stops waiting, but may have subscribed. An error of one channel, such as
    /// ``RedisError/Code/noPermission``, is thrown; the others are subscribed to.
    public func subscribe(to channels: [some RedisArgument]) async throws { try await self.send("SUBSCRIBE", channels) }

    /// Subscribes to all channels whose names match glob patterns, such as `news.*`.
    public func subscribe(matching patterns: [some RedisArgument]) async throws {
        try await self.send("PSUBSCRIBE", patterns)
    }

    /// Gives channels up; messages that came before can still be read.
    public func unsubscribe(from channels: [some RedisArgument]) async throws {
        try await self.send("UNSUBSCRIBE", channels)
    }

    /// Gives patterns up; messages that came before can still be read.
    public func unsubscribe(matching patterns: [some RedisArgument]) async throws {
        try await self.send("PUNSUBSCRIBE", patterns)
    }

    /// The messages, in the order in which the server sent them.
    ///
    /// Each is given to one reader, however many there are. It ends when the subscriber is closed.
    public nonisolated var messages: Messages { Messages(subscriber: self) }

    /// Closes the connection; what has come can still be read, then ``messages`` ends.
    public func close() {
        self.finish(nil)
        self.connection.assumeIsolated { $0.close() }
    }

    // MARK: The connection

    private func begin(pingInterval: Duration) {
        self.connection.assumeIsolated { connection in
            connection.listen { [weak self] event in self?.assumeIsolated { $0.heard(event) } }
        }
        // It holds nothing while it sleeps, so that a subscriber that is let go ends.
        Task(executorPreference: self.loop) { [weak self] in
            while true {
                try await Task.sleep(for: pingInterval)
                guard let connection = self?.connection, connection.takesCommands else { return }
                _ = try await connection.send(RedisCommand("PING"))
            }
        }
    }

    /// One command per name: each has one answer so, its confirmation or an error.
    private func send(_ verb: String, _ names: [some RedisArgument]) async throws {
        let commands = names.map { RedisCommand(verb, $0) }
        for case .error(let error) in try await self.connection.answers(to: commands, timeout: nil) { throw error }
    }

    private func heard(_ event: RedisConnection.Heard) {
        switch event {
        case .ended(let reason): self.finish(reason)
        case .message(let message):
            // A reader whose task was cancelled takes nothing.
            while let reader = self.readers.first {
                self.readers.removeFirst()
                if reader.end(.success(message)) { return }
            }
            if self.buffer.append(message) { return }
            // Who is about to subscribe is told the same reason.
            self.connection.assumeIsolated { $0.end(RedisError(.overflow)) }
        }
    }

    /// How many readers are kept, those included that gave up since the last one came.
    var readerCount: Int { self.readers.count }

    private func finish(_ reason: RedisError?) {
        self.buffer.finish(reason)
        let readers = self.readers
        self.readers = []
        for reader in readers { reader.end(reason.map { .failure($0) } ?? .success(nil)) }
    }

    fileprivate func next() async throws -> RedisMessage? {
        let pending = PendingReply<RedisMessage?>()
        return try await pending.wait { self.serve(pending) }
    }

    /// Gives a reader what there is, or has it wait.
    func serve(_ reader: PendingReply<RedisMessage?>) {
        switch self.buffer.next() {
        case .message(let message):
            // Its task may have been cancelled just now: the message is the next reader's.
            if !reader.end(.success(message)) { self.buffer.putBack(message) }
        case .over(let reason): reader.end(reason.map { .failure($0) } ?? .success(nil))
        case .wait:
            // Those who gave up go now: on a silent channel no message takes them away.
            self.readers.removeAll { $0.isOver }
            self.readers.append(reader)
        }
    }
}

extension RedisSubscriber {
    /// The messages of a subscriber.
    ///
    /// ```swift
    /// let subscriber = try await RedisSubscriber.connect(RedisConfiguration("redis://127.0.0.1"))
    /// try await subscriber.subscribe(to: ["prices"])
    /// let first = try await subscriber.messages.first { $0.text != nil }
    /// print(first?.text ?? "closed")
    /// ```
    public struct Messages: AsyncSequence, Sendable {
        fileprivate let subscriber: RedisSubscriber

        /// Begins to read.
        public func makeAsyncIterator() -> Iterator { Iterator(subscriber: self.subscriber) }

        /// A reader.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate let subscriber: RedisSubscriber

            /// Waits for the next message; `nil` when the subscriber was closed.
            ///
            /// A cancelled task stops waiting at once with `CancellationError`, and no message is lost by it.
            public mutating func next() async throws -> RedisMessage? { try await self.subscriber.next() }
        }
    }
}
