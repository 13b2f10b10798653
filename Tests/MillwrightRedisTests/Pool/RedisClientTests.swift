// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("A client", .timeLimit(.minutes(1)))
struct RedisClientTests {
    @Test("serves many tasks over one shared connection")
    func shares() async throws {
        let client = RedisClient(try await SharedRedis.database())

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    try await client.set("key \(number)", number)
                    #expect(try await client.get("key \(number)", as: Int.self) == number)
                }
            }
            try await group.waitForAll()
        }

        let statistics = await client.statistics()
        #expect(statistics.opened == 1)
        #expect(statistics.isConnected)
        await client.close()
        #expect(await redisError { try await client.ping() }?.code == .closed)
    }

    @Test("goes on with a fresh connection after a command was late, and nobody gets a late answer")
    func frozenAndThawed() async throws {
        let server = try await PrivateRedis()
        let client = RedisClient(server.configuration)
        try await client.set("mine", "mine")
        try await server.freeze()
        let late = await redisError {
            _ = try await client.send(RedisCommand("ECHO", "late"), timeout: .milliseconds(100))
        }
        try await server.thaw()

        for number in 0..<100 {
            #expect(try await client.send(RedisCommand("ECHO", number)) == .bulk(Array("\(number)".utf8)))
        }

        #expect(late?.code == .timedOut)
        #expect(await client.statistics().opened == 2)
        await client.close()
    }

    @Test("connects again after the server closed the connection")
    func reconnects() async throws {
        let server = try await PrivateRedis()
        let client = RedisClient(server.configuration)
        try await client.ping()
        let other = try await RedisConnection.connect(server.configuration)

        _ = try await other.send(RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
        try await until { await client.statistics().isConnected == false }
        try await client.ping()

        #expect(await client.statistics().opened == 2)
        await client.close()
    }

    @Test(
        "refuses what would disturb the callers that share its connection",
        arguments: ["MULTI", "select", "BLPOP", "WATCH"]
    )
    func refuses(name: String) async throws {
        let client = RedisClient(RedisConfiguration(endpoint: .unix(path: "/tmp/no/such/socket")))

        let error = await redisError { _ = try await client.send(RedisCommand(name, "x")) }

        #expect(error?.code == .usage)
        #expect(error?.hint?.contains("withConnection") == true)
    }

    @Test("lends at most as many connections as configured, and refuses at the deadline")
    func bounded() async throws {
        var configuration = try await SharedRedis.database()
        configuration.maximumConnections = 2
        configuration.acquireTimeout = .milliseconds(100)
        let client = RedisClient(configuration)

        let error = try await client.withConnection { _ in
            try await client.withConnection { _ in
                await redisError { try await client.withConnection { _ in } }
            }
        }

        #expect(error?.code == .poolExhausted)
        #expect(await client.statistics().leases.idle == 2)
        try await client.ping()
        await client.close()
    }

    @Test("goes on with plain commands while the server takes no more clients")
    func noMoreClients() async throws {
        let server = try await PrivateRedis()
        let client = RedisClient(server.configuration)
        _ = try await client.send(RedisCommand("CONFIG", "SET", "maxclients", 1))

        for _ in 0..<10 {
            let error = await redisError { try await client.withConnection { _ in } }
            #expect(error?.code == .tooManyClients)
        }

        try await client.ping()
        await client.close()
    }

    @Test(
        "lends no connection on which something came that nobody asked for",
        arguments: ["+forged\r\n", "+for", "*2\r\n+forged\r\n"]
    )
    func unasked(text: String) async throws {
        try await withFaultyRedis { network, configuration in
            let client = RedisClient(configuration)
            try await client.withConnection { try await $0.ping() }

            await network.inject(Array(text.utf8))
            let answer = try await client.withConnection { try await $0.send(RedisCommand("ECHO", "mine")) }

            #expect(answer == .bulk(Array("mine".utf8)))
            #expect(await client.statistics().opened == 2)
            await client.close()
        }
    }

    @Test("hands a returned connection to who waits longest")
    func queues() async throws {
        var configuration = try await SharedRedis.database()
        configuration.maximumConnections = 1
        let client = RedisClient(configuration)

        let total = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await client.withConnection { try await $0.incr("n") } } }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }

        #expect(total == Set(1...50))
        #expect(await client.statistics().opened == 1)
        await client.close()
    }

    @Test("lends no connection again that came back in a transaction, in another database or with a command under way")
    func cleansUp() async throws {
        var configuration = try await SharedRedis.database()
        configuration.maximumConnections = 1
        let database = configuration.database
        let client = RedisClient(configuration)

        try await client.withConnection { _ = try await $0.send(RedisCommand("MULTI")) }
        try await client.withConnection { _ = try await $0.send(RedisCommand("SELECT", 0)) }
        try await client.withConnection { connection in
            let blocked = Task { try await connection.send(RedisCommand("BLPOP", "empty", 0)) }
            try await until { await connection.commandsInFlight == 1 }
            blocked.cancel()
        }
        try await client.withConnection { connection in
            try await connection.set("key", "value")
            let me = try await connection.send(RedisCommand("CLIENT", "INFO")).decode(as: String.self)
            #expect(me.contains(" db=\(database) "))
        }

        #expect(await client.statistics().opened == 4)
        await client.close()
    }

    @Test("loses no place when callers that wait are cancelled")
    func cancelledWaiters() async throws {
        var configuration = try await SharedRedis.database()
        configuration.maximumConnections = 3
        let client = RedisClient(configuration)

        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task { try await client.withConnection { try await $0.ping() } }
                    for _ in 0..<(number % 13) { await Task.yield() }
                    if number % 2 == 0 { task.cancel() }
                    _ = await task.result
                }
            }
        }

        let statistics = await client.statistics()
        #expect(statistics.leases.inUse == 0)
        #expect(statistics.leases.waiting == 0)
        for _ in 0..<3 { try await client.withConnection { try await $0.ping() } }
        await client.close()
    }

    @Test("fails every caller at once when the server is gone, and works again when it is back")
    func killed() async throws {
        let server = try await PrivateRedis()
        let client = RedisClient(server.configuration)
        try await client.ping()
        try await server.kill()
        try await until { await client.statistics().isConnected == false }

        let error = await redisError { try await client.ping() }

        #expect(error.map { [.connectionFailed, .connectionLost].contains($0.code) } == true)
        try await server.restart()
        try await client.ping()
        await client.close()
    }
}
