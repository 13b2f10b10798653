// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightIO
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("When Redis fails, a connection", .timeLimit(.minutes(1)))
struct ConnectionFaultTests {
    @Test("gives a command up at its deadline while the server is frozen, and takes no more")
    func frozen() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)
        try await server.freeze()

        let clock = ContinuousClock()
        let start = clock.now
        let error = await redisError {
            _ = try await connection.send(RedisCommand("GET", "a"), timeout: .milliseconds(200))
        }
        let waited = clock.now - start

        #expect(error?.code == .timedOut)
        #expect(error?.mayHaveRun == true)
        #expect(waited >= .milliseconds(190))
        // The command's own deadline, not the ten seconds of the configuration.
        #expect(waited < .seconds(8))
        #expect(await connection.isOpen == false)
    }

    @Test("lets the others on it finish after one of them was late")
    func othersFinish() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)
        try await server.freeze()
        async let patient = connection.send(RedisCommand("ECHO", "patient"), timeout: .seconds(20))
        try await until { await connection.commandsInFlight == 1 }
        async let hasty = redisError {
            _ = try await connection.send(RedisCommand("ECHO", "hasty"), timeout: .milliseconds(50))
        }

        let error = await hasty
        try await server.thaw()

        #expect(error?.code == .timedOut)
        #expect(try await patient == .bulk(Array("patient".utf8)))
        // Nobody closed it: a client may send on the next one what this one does not take.
        let refused = await redisError { try await connection.ping() }
        #expect(refused?.code == .connectionLost)
        #expect(refused?.mayHaveRun == false)
        #expect(refused?.hint == "Another command on the same connection was late.")
    }

    @Test("tells every caller when the server is killed, and none hangs")
    func killed() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)
        try await server.freeze()
        let waiting = (0..<500).map { number in
            Task { await redisError { _ = try await connection.send(RedisCommand("INCR", "n\(number)")) } }
        }
        try await until { await connection.commandsInFlight == 500 }

        try await server.kill()

        for task in waiting {
            let error = await task.value
            #expect(error?.code == .connectionLost)
            #expect(error?.mayHaveRun == true)
        }
        #expect(await redisError { try await connection.ping() }?.code == .connectionLost)
    }

    @Test("says that nothing listens there")
    func refused() async throws {
        let tcp = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: 1))
        let socket = RedisConfiguration(endpoint: .unix(path: "/tmp/no/such/redis.sock"))

        #expect(await redisError { _ = try await RedisConnection.connect(tcp) }?.code == .connectionFailed)
        #expect(await redisError { _ = try await RedisConnection.connect(socket) }?.code == .connectionFailed)
    }

    @Test("says that the host's name is unknown")
    func unknownHost() async throws {
        var configuration = RedisConfiguration(endpoint: .tcp(host: "no-such-host.invalid", port: 6_379))
        configuration.connectTimeout = .seconds(10)

        let error = await redisError { _ = try await RedisConnection.connect(configuration) }

        // Without any name server the system may say so only after the deadline.
        #expect(error.map { [.nameNotFound, .timedOut].contains($0.code) } == true)
    }

    @Test("gives up connecting at its deadline where the server accepts and then says nothing")
    func silent() async throws {
        let server = try await PrivateRedis()
        try await server.freeze()
        var configuration = server.configuration
        configuration.connectTimeout = .milliseconds(200)

        let clock = ContinuousClock()
        let start = clock.now
        let error = await redisError { _ = try await RedisConnection.connect(configuration) }

        #expect(error?.code == .timedOut)
        // The deadline of connecting, not the ten seconds that a command may take.
        #expect(clock.now - start < .seconds(8))
    }

    enum Fault: CaseIterable { case silence, end }

    @Test("goes on to the next address where the first one accepts, and no more", arguments: Fault.allCases)
    func nextAddress(fault: Fault) async throws {
        let configuration = try await SharedRedis.database()
        guard case .unix(let path) = configuration.endpoint else { return #expect(Bool(false), "not a socket") }
        try await withFaultyRedis { network, faulty in
            guard case .tcp(let host, let port) = faulty.endpoint else { return #expect(Bool(false), "no port") }
            switch fault {
            case .silence: await network.hang()
            case .end: await network.cut(.end, after: 0, of: .replies)
            }

            let deadline = Deadline.after(.seconds(8))

            let connection = try await RedisConnection.connect(
                configuration,
                to: [.tcp(address: host, port: port), .unix(path: path)],
                before: deadline
            )

            // What listens on this machine would be connected to even with no time left.
            #expect(!deadline.isOver)
            try await connection.ping()
            await connection.close()
        }
    }

    @Test("names a wrong password, a missing one and a forbidden command")
    func authentication() async throws {
        let server = try await PrivateRedis(["user": "guest on >guest ~* &* +ping +select"])
        let owner = try await RedisConnection.connect(server.configuration)
        _ = try await owner.send(RedisCommand("ACL", "SETUSER", "weak", "on", ">weak", "~*", "+get"))
        _ = try await owner.send(RedisCommand("CONFIG", "SET", "requirepass", "right"))
        var configuration = server.configuration

        #expect(await redisError { _ = try await RedisConnection.connect(configuration) }?.code == .noAuthentication)
        configuration.password = Secret("wrong")
        let wrong = await redisError { _ = try await RedisConnection.connect(configuration) }
        #expect(wrong?.code == .wrongPassword)
        #expect(wrong?.description.contains("wrong password") == false)
        configuration.password = Secret("right")
        try await RedisConnection.connect(configuration).ping()

        configuration.user = "weak"
        configuration.password = Secret("weak")
        #expect(try await RedisConnection.connect(configuration).get("key") == nil)

        configuration.user = "guest"
        configuration.password = Secret("guest")
        let guest = try await RedisConnection.connect(configuration)
        #expect(await redisError { _ = try await guest.get("key") }?.code == .noPermission)
        try await guest.ping()
    }

    @Test("says that commands may have run where their transaction was refused")
    func noTransaction() async throws {
        let server = try await PrivateRedis(["user": "app on >app ~* &* +@all -multi"])
        var configuration = server.configuration
        configuration.user = "app"
        configuration.password = Secret("app")
        let connection = try await RedisConnection.connect(configuration)

        let error = await redisError { _ = try await connection.transaction([RedisCommand("SET", "key", "run")]) }

        #expect(error?.code == .noPermission)
        #expect(error?.mayHaveRun == true)
        #expect(error?.hint?.contains("outside of a transaction") == true)
        #expect(try await connection.get("key", as: String.self) == "run")
    }

    @Test("names a replica that refuses a write")
    func readOnly() async throws {
        let server = try await PrivateRedis(["replicaof": "127.0.0.1 1"])
        let connection = try await RedisConnection.connect(server.configuration)

        let error = await redisError { try await connection.set("key", "value") }

        #expect(error?.code == .readOnly)
        #expect(error?.isOutage == true)
        guard case .replica(let host, let port, _, _) = try await connection.role() else {
            return #expect(Bool(false), "not a replica")
        }
        #expect(host == "127.0.0.1")
        #expect(port == 1)
    }

    @Test("names a full memory, and still reads")
    func outOfMemory() async throws {
        let server = try await PrivateRedis(["maxmemory": "3mb", "maxmemory-policy": "noeviction"])
        let connection = try await RedisConnection.connect(server.configuration)
        let block = [UInt8](repeating: 7, count: 1_000_000)

        let error = await redisError {
            for number in 0..<10 { try await connection.set("block \(number)", block) }
        }

        #expect(error?.code == .outOfMemory)
        #expect(try await connection.get("block 0") == block)
    }

    @Test("names a server that takes no more clients")
    func tooManyClients() async throws {
        let server = try await PrivateRedis()
        let first = try await RedisConnection.connect(server.configuration)
        _ = try await first.send(RedisCommand("CONFIG", "SET", "maxclients", "1"))

        let error = await redisError { _ = try await RedisConnection.connect(server.configuration) }

        #expect(error?.code == .tooManyClients)
        await first.close()
    }

    @Test("names a server that loads its data, and works when it has")
    func loading() async throws {
        let server = try await PrivateRedis([
            "enable-debug-command": "local", "loading-process-events-interval-bytes": "1024",
        ])
        let connection = try await RedisConnection.connect(server.configuration)
        _ = try await connection.pipeline((0..<500).map { RedisCommand("SET", "key \($0)", "value \($0)") })
        let other = try await RedisConnection.connect(server.configuration)
        // Four thousandths of a second per key: a setting made for tests like this one.
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "key-load-delay", 4_000))
        async let reloaded = connection.send(RedisCommand("DEBUG", "RELOAD"))

        var codes: [RedisError.Code] = []
        try await until {
            do {
                _ = try await other.get("key 1")
                return !codes.isEmpty
            } catch let error as RedisError {
                codes.append(error.code)
                return false
            }
        }

        #expect(codes.contains(.loading))
        #expect(Set(codes) == [.loading])
        #expect(try await reloaded == .status("OK"))
        #expect(try await other.get("key 1", as: String.self) == "value 1")
    }

    @Test("names a script that holds the server")
    func busy() async throws {
        let server = try await PrivateRedis(["busy-reply-threshold": "10"])
        let holding = try await RedisConnection.connect(server.configuration)
        let other = try await RedisConnection.connect(server.configuration)
        async let held = redisError { _ = try await holding.eval(RedisScript("while true do end")) }

        try await until {
            do {
                _ = try await other.get("key")
                return false
            } catch let error as RedisError {
                return error.code == .busy
            }
        }
        _ = try await other.send(RedisCommand("SCRIPT", "KILL"))

        #expect(await held?.code == .commandFailed)
    }
}
