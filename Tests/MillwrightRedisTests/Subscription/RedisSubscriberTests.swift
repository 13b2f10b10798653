// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("A subscriber", .timeLimit(.minutes(1)))
struct RedisSubscriberTests {
    private func publish(_ text: some RedisArgument, to channel: String, on redis: RedisConnection) async throws {
        let heard = try await redis.send(RedisCommand("PUBLISH", channel, text)).decode(as: Int.self)
        #expect(heard >= 1)
    }

    @Test("hears channels and patterns, in order, every byte")
    func hears() async throws {
        let configuration = try await SharedRedis.database()
        let publisher = try await RedisConnection.connect(configuration)
        let subscriber = try await RedisSubscriber.connect(configuration)
        try await subscriber.subscribe(to: ["hears", "hears too"])
        try await subscriber.subscribe(matching: ["hears-*"])

        try await self.publish("one", to: "hears", on: publisher)
        try await self.publish([0xFF, 0x00] as [UInt8], to: "hears-2", on: publisher)
        try await self.publish("three", to: "hears too", on: publisher)

        var messages = subscriber.messages.makeAsyncIterator()
        #expect(try await messages.next()?.text == "one")
        let second = try await messages.next()
        #expect(second?.pattern == Array("hears-*".utf8))
        #expect(second?.channelName == "hears-2")
        #expect(second?.payload == [0xFF, 0x00])
        #expect(try await messages.next()?.channelName == "hears too")
        await subscriber.close()
        #expect(try await messages.next() == nil)
    }

    @Test("hears no more of what it gave up, and still reads what came before")
    func unsubscribes() async throws {
        let configuration = try await SharedRedis.database()
        let publisher = try await RedisConnection.connect(configuration)
        let subscriber = try await RedisSubscriber.connect(configuration)
        try await subscriber.subscribe(to: ["leaves", "stays"])
        try await subscriber.subscribe(matching: ["leaves*"])
        try await self.publish("before", to: "leaves", on: publisher)

        try await subscriber.unsubscribe(from: ["leaves"])
        try await subscriber.unsubscribe(matching: ["leaves*"])
        _ = try await publisher.send(RedisCommand("PUBLISH", "leaves", "unheard"))
        try await self.publish("after", to: "stays", on: publisher)

        var texts: [String?] = []
        for try await message in subscriber.messages {
            texts.append(message.text)
            if message.text == "after" { break }
        }
        #expect(texts == ["before", "before", "after"])
        await subscriber.close()
    }

    @Test("gives each of 10,000 messages to one of several readers")
    func manyReaders() async throws {
        let configuration = try await SharedRedis.database()
        let publisher = try await RedisConnection.connect(configuration)
        let subscriber = try await RedisSubscriber.connect(configuration, bufferLimit: 10_000)
        try await subscriber.subscribe(to: ["many"])

        let heard = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var numbers: [Int] = []
                    for try await message in subscriber.messages {
                        if message.text == "end" { await subscriber.close() }
                        if let number = message.text.flatMap(Int.init) { numbers.append(number) }
                    }
                    return numbers
                }
            }
            _ = try await publisher.pipeline((0..<10_000).map { RedisCommand("PUBLISH", "many", $0) })
            try await self.publish("end", to: "many", on: publisher)
            return try await group.reduce(into: []) { $0 += $1 }
        }

        #expect(heard.sorted() == Array(0..<10_000))
    }

    @Test("says that messages came faster than they were read, behind those it kept")
    func overflow() async throws {
        let configuration = try await SharedRedis.database()
        let publisher = try await RedisConnection.connect(configuration)
        let subscriber = try await RedisSubscriber.connect(configuration, bufferLimit: 3)
        try await subscriber.subscribe(to: ["overflow"])
        _ = try await publisher.pipeline((0..<5).map { RedisCommand("PUBLISH", "overflow", $0) })

        var texts: [String?] = []
        let error = await redisError {
            // Those who read keep up as long as they can: the end is certain only when the connection is gone.
            try await until {
                try await publisher.send(RedisCommand("PUBSUB", "NUMSUB", "overflow")).elements?.last == .integer(0)
            }
            for try await message in subscriber.messages { texts.append(message.text) }
        }

        #expect(error?.code == .overflow)
        #expect(texts == ["0", "1", "2"])
    }

    @Test("throws what came first and then that the connection is lost")
    func lost() async throws {
        let server = try await PrivateRedis()
        let publisher = try await RedisConnection.connect(server.configuration)
        let subscriber = try await RedisSubscriber.connect(server.configuration)
        try await subscriber.subscribe(to: ["lost"])
        try await self.publish("last words", to: "lost", on: publisher)

        var texts: [String?] = []
        let error = await redisError {
            for try await message in subscriber.messages {
                texts.append(message.text)
                try await server.kill()
            }
        }

        #expect(texts == ["last words"])
        #expect(error?.code == .connectionLost)
    }

    @Test("finds out that a silent server is gone")
    func silent() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        // Long enough to subscribe on a busy machine, for a PING waits as long.
        configuration.commandTimeout = .seconds(3)
        let subscriber = try await RedisSubscriber.connect(configuration, pingInterval: .milliseconds(20))
        try await subscriber.subscribe(to: ["silent"])
        try await server.freeze()

        let error = await redisError { for try await _ in subscriber.messages {} }

        #expect(error?.code == .connectionLost)
    }

    @Test("loses no message to a reader that was cancelled")
    func cancelled() async throws {
        let configuration = try await SharedRedis.database()
        let publisher = try await RedisConnection.connect(configuration)
        let subscriber = try await RedisSubscriber.connect(configuration)
        try await subscriber.subscribe(to: ["cancelled"])
        let reader = Task { try await subscriber.messages.first { _ in true } }
        for _ in 0..<20 { await Task.yield() }

        reader.cancel()
        await #expect(throws: CancellationError.self) { _ = try await reader.value }
        try await self.publish("mine", to: "cancelled", on: publisher)

        #expect(try await subscriber.messages.first { _ in true }?.text == "mine")
        await subscriber.close()
    }

    @Test("loses no message to a reader that is cancelled just as it is given one")
    func cancelledServed() async throws {
        let configuration = try await SharedRedis.database()
        let publisher = try await RedisConnection.connect(configuration)
        let subscriber = try await RedisSubscriber.connect(configuration)
        try await subscriber.subscribe(to: ["served"])
        for text in ["mine", "last"] { try await self.publish(text, to: "served", on: publisher) }
        // The messages have come: what was confirmed behind them has.
        try await subscriber.unsubscribe(from: ["served"])
        let gone = PendingReply<RedisMessage?>()
        gone.end(.failure(CancellationError()))

        await subscriber.serve(gone)

        #expect(try await subscriber.messages.first { _ in true }?.text == "mine")
        await subscriber.close()
    }

    @Test("tells who is about to subscribe that messages came faster than they were read")
    func overflowWhileSubscribing() async throws {
        try await withFaultyRedis { network, configuration in
            let subscriber = try await RedisSubscriber.connect(configuration, bufferLimit: 1)
            try await subscriber.subscribe(to: ["a"])
            await network.hold(.replies)
            async let error = redisError { try await subscriber.subscribe(to: ["b"]) }
            try await until { await network.waitingBytes(.replies) > 0 }

            let message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\ntext\r\n"
            await network.inject(Array((message + message).utf8))

            #expect(await error?.code == .overflow)
            #expect(await error?.isWorthAnotherTry == true)
            #expect(await redisError { for try await _ in subscriber.messages {} }?.code == .overflow)
        }
    }

    @Test("keeps no reader that gave up on a silent channel")
    func pollers() async throws {
        let subscriber = try await RedisSubscriber.connect(SharedRedis.database())
        try await subscriber.subscribe(to: ["pollers"])

        for _ in 0..<10 {
            let reader = Task { try await subscriber.messages.first { _ in true } }
            try await until { await subscriber.readerCount > 0 }
            reader.cancel()
            await #expect(throws: CancellationError.self) { _ = try await reader.value }
        }
        let last = Task { try await subscriber.messages.first { _ in true } }
        try await until { await subscriber.readerCount == 1 }

        await subscriber.close()
        #expect(try await last.value == nil)
    }

    @Test("names a channel that its user may not hear")
    func forbidden() async throws {
        let server = try await PrivateRedis(["user": "guest on >guest ~* &public +@all"])
        var configuration = server.configuration
        configuration.user = "guest"
        configuration.password = Secret("guest")
        let subscriber = try await RedisSubscriber.connect(configuration)

        let error = await redisError { try await subscriber.subscribe(to: ["public", "private"]) }

        #expect(error?.code == .noPermission)
        let publisher = try await RedisConnection.connect(server.configuration)
        try await self.publish("heard", to: "public", on: publisher)
        #expect(try await subscriber.messages.first { _ in true }?.text == "heard")
    }

    @Test("ends on the server, too, when it is let go")
    func letGo() async throws {
        let server = try await PrivateRedis()
        let watcher = try await RedisConnection.connect(server.configuration)
        for number in 0..<5 {
            let subscriber = try await RedisSubscriber.connect(server.configuration)
            try await subscriber.subscribe(to: ["channel \(number)"])
        }

        try await until { try await watcher.clientList().count == 1 }
    }
}
