// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One command, already in the form it is sent in, so that the event loop only copies it.
///
/// ```swift
/// let client = RedisClient(try RedisConfiguration("redis://127.0.0.1"))
/// var command = RedisCommand("ZADD", "scores", "GT")
/// command.append(7.5)
/// command.append("anna")
/// let added = try await client.send(command).decode(as: Int.self)
/// print(added)
/// ```
public struct RedisCommand: Sendable, Hashable {
    /// Its first word, in capitals as written by who made it: `GET`.
    public let name: String
    /// How many words it has, the name included.
    public private(set) var count = 0

    /// The bytes to send: how many words there are, and each with its length.
    private(set) var wire: [UInt8]

    /// Creates a command from its name and its arguments.
    @inlinable
    public init<each Argument: RedisArgument>(_ name: String, _ arguments: repeat each Argument) {
        self.init(name: name)
        repeat self.append(each arguments)
    }

    /// Creates a command from its name and a list.
    public init(_ name: String, arguments: some Sequence<some RedisArgument>) {
        self.init(name: name)
        for argument in arguments { self.append(argument) }
    }

    @usableFromInline
    init(name: String) {
        self.name = name
        self.wire = []
        self.wire.reserveCapacity(Self.usualBytes)
        self.wire.appendHeader("*", 0)
        self.append(name)
    }

    /// Most commands fit, so that their bytes are allocated once.
    private static let usualBytes = 96

    /// Adds an argument.
    @inlinable
    public mutating func append(_ argument: some RedisArgument) {
        argument.withRedisBytes { self.append(bytes: $0) }
    }

    /// Adds each argument of a list.
    public mutating func append(contentsOf arguments: some Sequence<some RedisArgument>) {
        for argument in arguments { self.append(argument) }
    }

    @usableFromInline
    mutating func append(bytes: UnsafeRawBufferPointer) {
        self.wire.appendHeader("$", bytes.count)
        self.wire.append(contentsOf: bytes)
        self.wire.append(0x0D)
        self.wire.append(0x0A)
        self.count += 1
        self.countInHeader()
    }

    /// Writes the number of words, which stands before them all.
    private mutating func countInHeader() {
        if self.count < 10 { return self.wire[1] = UInt8(ascii: "0") + UInt8(self.count) }
        let digits = String(self.count).utf8
        let end = digits.count + (self.isRound ? 0 : 1)
        self.wire.replaceSubrange(1..<end, with: digits)
    }

    /// Whether the number of words has a digit more than the number before it.
    private var isRound: Bool {
        var power = 10
        while power < self.count { power *= 10 }
        return power == self.count
    }
}

extension [UInt8] {
    /// `*3` or `$5`, and the end of the line.
    fileprivate mutating func appendHeader(_ kind: Unicode.Scalar, _ number: Int) {
        self.append(UInt8(ascii: kind))
        if number < 10 {
            self.append(UInt8(ascii: "0") + UInt8(number))
        } else {
            self.append(contentsOf: String(number).utf8)
        }
        self.append(0x0D)
        self.append(0x0A)
    }
}

extension RedisCommand: CustomStringConvertible {
    /// The name alone: keys and values can be secrets.
    public var description: String { self.name }
}
