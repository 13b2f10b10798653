// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightSandbox
import MillwrightTesting
import Synchronization
import Testing

@testable import MillwrightCaching

@Suite("Sessions while a server is out", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionOutageTests {
    @Test("A logout while Redis is frozen holds when Redis runs on, and the frozen commands land late")
    func logoutWhileFrozen() async throws {
        let group = try await SessionServers(isPatient: false)
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["n": .int(1)], user: "42")
            _ = try await nodes[1].read(session.id)
            let gone = try await nodes[0].create(user: "43")
            _ = try await nodes[1].read(gone.id)

            try await group.servers.server("redis").stop()
            session["n"] = .int(2)
            _ = try await nodes[0].save(session)
            try await nodes[0].delete(gone.id)
            #expect(try await nodes[1].read(session.id)?["n"] == .int(2))
            #expect(try await nodes[1].read(gone.id) == nil)
            try await group.servers.server("redis").continue()

            for _ in 0..<20 {
                for node in nodes {
                    #expect(try await node.read(session.id)?["n"] == .int(2))
                    #expect(try await node.read(gone.id) == nil)
                }
            }
            try await group.awaitCopy(nodes)
            for node in nodes {
                #expect(try await node.read(session.id)?["n"] == .int(2))
                #expect(try await node.read(gone.id) == nil)
            }
            #expect(nodes[0].standing.trust?.generation ?? 0 > 1)
        }
    }

    @Test("A node whose settings take Redis out does so for all, until one whose settings say otherwise starts")
    func switchedBySettings() async throws {
        let group = try await SessionServers()
        try await group.withNodes(1) { nodes in
            try await group.awaitCopy(nodes)
            let session = try await nodes[0].create(["n": .int(1)])
            try await group.withNodes(1) {
                $0.mode = .database
            } _: { others in
                try await until { others[0].standing.trust?.mode == .database && !nodes[0].standing.usesCopy }
                for node in nodes + others { #expect(try await node.read(session.id)?["n"] == .int(1)) }
            }
            // It is gone, and what it decided stays.
            try await until { nodes[0].standing.trust?.mode == .database }
            try await group.withNodes(1) {
                $0.mode = .auto
            } _: { others in
                try await group.awaitCopy(nodes + others)
                #expect(try await others[0].read(session.id)?["n"] == .int(1))
            }
        }
    }

    @Test(
        "While PostgreSQL is frozen, reads go on from the copy and writes fail in so many words; nobody is logged out"
    )
    func databaseFrozen() async throws {
        let group = try await SessionServers(isPatient: false)
        // So long that a busy machine is not taken for a silent Redis.
        let patient: (inout SessionConfiguration) -> Void = {
            $0.lease = .seconds(2)
            $0.redisTimeout = .seconds(3)
        }
        try await group.withNodes(1, patient) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["n": .int(1)])
            _ = try await nodes[0].read(session.id)

            try await group.servers.server("postgres").stop()
            #expect(try await nodes[0].read(session.id)?["n"] == .int(1))
            session["n"] = .int(2)
            let change = session
            await #expect { _ = try await nodes[0].save(change) } throws: {
                ($0 as? SessionError)?.code == .unavailable
            }
            // A session that the copy does not have: nobody can say.
            await #expect { _ = try await nodes[0].read(SessionID()) } throws: {
                ($0 as? SessionError)?.code == .unavailable
            }
            #expect(try await nodes[0].read(session.id)?["n"] == .int(1))

            try await group.servers.server("redis").stop()
            await #expect { _ = try await nodes[0].read(session.id) } throws: {
                ($0 as? SessionError)?.code == .unavailable
            }
            try await group.servers.server("postgres").continue()
            try await group.servers.server("redis").continue()
            try await until { (try? await nodes[0].read(session.id)) != nil }
        }
    }

    @Test("A PostgreSQL that can be read and not written is not taken to be down for ever")
    func readOnly() async throws {
        let group = try await SessionServers()
        try await group.withNodes(1) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["n": .int(1)])
            let database = PostgresClient(PostgresConfiguration(group.servers.superuserURL))
            try await database.execute("ALTER SYSTEM SET default_transaction_read_only TO on")
            try await database.execute("SELECT pg_reload_conf()")
            // By then the node has tried to say that it lives.
            try await until {
                try await database.query(
                    "SELECT seen_at < now() - interval '2 s' FROM millwright.session_nodes",
                    as: Bool.self
                ) == [true]
            }

            nodes[0].state.withLock { $0.isDatabaseDown = true }

            try await until { nodes[0].standing.reachesDatabase }
            session["n"] = .int(2)
            let change = session
            await #expect { _ = try await nodes[0].save(change) } throws: {
                ($0 as? SessionError)?.code == .unavailable
            }
            #expect(try await nodes[0].read(session.id)?["n"] == .int(1))

            try await database.execute("ALTER SYSTEM RESET default_transaction_read_only")
            try await database.execute("SELECT pg_reload_conf()")
            try await until { (try? await nodes[0].save(change)) != nil }
            #expect(try await nodes[0].read(session.id)?["n"] == .int(2))
            await database.close()
        }
    }

    @Test("A node whose settings decide comes back where PostgreSQL was down before it has looked")
    func decidesLater() async throws {
        let group = try await SessionServers()
        try await group.withNodes(1) {
            $0.mode = .auto
        } _: { nodes in
            nodes[0].state.withLock { state in
                state.isUpkeepPrepared = false
                state.isDatabaseDown = true
            }
            try await until { nodes[0].standing.reachesDatabase }
            try await group.awaitCopy(nodes)
        }
    }

    @Test("An operator takes Redis out and puts it back; a node without upkeep works from PostgreSQL")
    func forced() async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            let session = try await nodes[0].create(["n": .int(1)])
            _ = try await nodes[0].register.force(.database)
            try await until { nodes.allSatisfy { !$0.standing.usesCopy } }
            let before = nodes[1].standing.figures.databaseReads
            #expect(try await nodes[1].read(session.id) != nil)
            #expect(nodes[1].standing.figures.databaseReads == before + 1)
            _ = try await nodes[0].register.force(.auto)
            try await group.awaitCopy(nodes)
            #expect(try await nodes[1].read(session.id) != nil)
        }
    }
}
