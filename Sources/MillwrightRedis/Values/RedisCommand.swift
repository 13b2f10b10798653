// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One command, already in the form it is sent in, so that the event loop only copies it.
public struct RedisCommand: Sendable, Hashable {
    /// Its first word, in capitals as written by who made it: `GET`.
    public let name: String
    /// How many words it has, the name included.
    public private(set) var count = 0

    /// The words, after room for the header that says how many there are.
    private var bytes: [UInt8]
    private var start = Self.headerRoom

    // "*", ten digits, "\r\n"
    private static let headerRoom = 13

    /// Creates a command from its name and its arguments.
    public init<each Argument: RedisArgument>(_ name: String, _ arguments: repeat each Argument) {
        self.init(name: name)
        repeat self.append(each arguments)
    }

    /// Creates a command from its name and a list.
    public init(_ name: String, arguments: some Sequence<some RedisArgument>) {
        self.init(name: name)
        for argument in arguments { self.append(argument) }
    }

    private init(name: String) {
        self.name = name
        self.bytes = [UInt8](repeating: 0, count: Self.headerRoom)
        self.append(name)
    }

    /// Adds an argument.
    public mutating func append(_ argument: some RedisArgument) {
        argument.withRedisBytes { argument in
            self.bytes.reserveCapacity(self.bytes.count + argument.count + 16)
            self.bytes.append(UInt8(ascii: "$"))
            self.bytes.append(contentsOf: String(argument.count).utf8)
            self.bytes.append(contentsOf: [0x0D, 0x0A])
            self.bytes.append(contentsOf: argument)
            self.bytes.append(contentsOf: [0x0D, 0x0A])
        }
        self.count += 1
        self.writeHeader()
    }

    /// Adds each argument of a list.
    public mutating func append(contentsOf arguments: some Sequence<some RedisArgument>) {
        for argument in arguments { self.append(argument) }
    }

    /// Writes the header so that it ends where the words begin.
    private mutating func writeHeader() {
        var index = Self.headerRoom - 1
        self.bytes[index] = 0x0A
        index -= 1
        self.bytes[index] = 0x0D
        var rest = self.count
        repeat {
            index -= 1
            self.bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        index -= 1
        self.bytes[index] = UInt8(ascii: "*")
        self.start = index
    }

    /// The bytes to send.
    var wire: ArraySlice<UInt8> { self.bytes[self.start...] }
}

extension RedisCommand: CustomStringConvertible {
    /// The name alone: keys and values can be secrets.
    public var description: String { self.name }
}
