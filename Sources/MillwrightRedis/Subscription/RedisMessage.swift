// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What somebody published.
///
/// ```swift
/// let subscriber = try await RedisSubscriber.connect(RedisConfiguration("redis://127.0.0.1"))
/// try await subscriber.subscribe(to: ["prices"])
/// for try await message in subscriber.messages {
///     print(message.channelName, message.text ?? "\(message.payload.count) bytes")
/// }
/// ```
public struct RedisMessage: Sendable, Hashable {
    /// The channel it was published to, as bytes.
    public var channel: [UInt8]
    /// The pattern by which it came, `nil` where the channel itself was subscribed to.
    public var pattern: [UInt8]?
    /// What was published.
    public var payload: [UInt8]

    /// Creates a message.
    public init(channel: [UInt8], pattern: [UInt8]? = nil, payload: [UInt8]) {
        self.channel = channel
        self.pattern = pattern
        self.payload = payload
    }

    /// The channel as text, for people: bytes that are not UTF-8 are replaced.
    public var channelName: String { String(decoding: self.channel, as: UTF8.self) }

    /// What was published as text, `nil` where it is not UTF-8.
    public var text: String? { String(validating: self.payload, as: UTF8.self) }
}

extension RedisValue {
    /// Whether the server said it by itself; what it pushes to confirm a subscription is an answer.
    var isUnaskedPush: Bool {
        guard case .push(let parts) = self else { return false }
        let kind = parts.first?.bytes ?? []
        return !["subscribe", "unsubscribe", "psubscribe", "punsubscribe"].contains { kind.elementsEqual($0.utf8) }
    }
}

extension RedisMessage {
    /// Reads what a server sends to who has subscribed; `nil` where it is something else, such as a confirmation.
    init?(pushed value: RedisValue) {
        guard let parts = value.elements, let kind = parts.first?.bytes else { return nil }
        if kind.elementsEqual("message".utf8), parts.count == 3 {
            guard let channel = parts[1].bytes, let payload = parts[2].bytes else { return nil }
            self.init(channel: channel, payload: payload)
        } else if kind.elementsEqual("pmessage".utf8), parts.count == 4 {
            guard let pattern = parts[1].bytes, let channel = parts[2].bytes, let payload = parts[3].bytes else {
                return nil
            }
            self.init(channel: channel, pattern: pattern, payload: payload)
        } else {
            return nil
        }
    }
}
