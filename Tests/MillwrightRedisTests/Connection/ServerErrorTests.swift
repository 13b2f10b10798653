// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import Testing

@testable import MillwrightRedis

@Suite("A refusal of the server", .timeLimit(.minutes(1)))
struct ServerErrorTests {
    @Test("for a type, a script or a word that is wrong is named, and is no outage")
    func callers() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())
        try await connection.set("text", "text")

        let wrongType = await redisError { _ = try await connection.send(RedisCommand("LPUSH", "text", "x")) }
        let script = RedisCommand("EVALSHA", String(repeating: "0", count: 40), 0)
        let noScript = await redisError { _ = try await connection.send(script) }
        let unknown = await redisError { _ = try await connection.send(RedisCommand("NONSENSE")) }

        #expect(wrongType?.code == .wrongType)
        #expect(noScript?.code == .noScript)
        #expect(unknown?.code == .commandFailed)
        #expect([wrongType, noScript, unknown].allSatisfy { $0?.isOutage == false })
        await connection.close()
    }

    @Test("to run a transaction with a malformed command is named")
    func aborted() async throws {
        let connection = try await RedisConnection.connect(SharedRedis.database())
        _ = try await connection.send(RedisCommand("MULTI"))
        _ = await redisError { _ = try await connection.send(RedisCommand("GET")) }

        let error = await redisError { _ = try await connection.send(RedisCommand("EXEC")) }

        #expect(error?.code == .transactionAborted)
        await connection.close()
    }

    @Test("to write without replicas, and to read from a replica that lost its primary, is an outage")
    func replication() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)

        _ = try await connection.send(RedisCommand("CONFIG", "SET", "min-replicas-to-write", 1))
        let alone = await redisError { try await connection.set("key", "value") }
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "replica-serve-stale-data", "no"))
        _ = try await connection.send(RedisCommand("REPLICAOF", "127.0.0.1", 1))
        let orphaned = await redisError { _ = try await connection.get("key") }

        #expect(alone?.code == .tooFewReplicas)
        #expect(orphaned?.code == .primaryDown)
        #expect([alone, orphaned].allSatisfy { $0?.isOutage == true })
    }

    @Test("to write what cannot be saved is an outage")
    func misconfigured() async throws {
        let server = try await PrivateRedis()
        let connection = try await RedisConnection.connect(server.configuration)
        _ = try await connection.send(RedisCommand("CONFIG", "SET", "save", "3600 1000000"))
        let folder = try #require(await connection.configGet("dir")["dir"])
        let file = try #require(await connection.configGet("dbfilename")["dbfilename"])
        // A folder where the file should be.
        unlink("\(folder)/\(file)")
        #expect(mkdir("\(folder)/\(file)", 0o755) == 0)
        _ = try await connection.send(RedisCommand("BGSAVE"))
        try await until { try await connection.info("persistence")["rdb_last_bgsave_status"] == "err" }

        let error = await redisError { try await connection.set("key", "value") }

        #expect(error?.code == .misconfigured)
        #expect(error?.isOutage == true)
    }

    @Test("by a node of a cluster is named: no slots, other slots")
    func cluster() async throws {
        let server = try await PrivateRedis(["cluster-enabled": "yes"])
        var configuration = server.configuration
        configuration.database = 0
        let connection = try await RedisConnection.connect(configuration)

        let down = await redisError { _ = try await connection.get("key") }
        _ = try await connection.send(RedisCommand("CLUSTER", "ADDSLOTSRANGE", 0, 16_383))
        try await until { try await connection.send(RedisCommand("CLUSTER", "INFO")).isClusterUp }
        let crossed = await redisError { _ = try await connection.mget(["a", "b"]) }

        #expect(down?.code == .clusterDown)
        #expect(crossed?.code == .moved)
    }
}

extension RedisValue {
    fileprivate var isClusterUp: Bool { String(decoding: self.bytes ?? [], as: UTF8.self).contains("cluster_state:ok") }
}
