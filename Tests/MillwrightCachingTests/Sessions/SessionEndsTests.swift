// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightTesting
import Synchronization
import Testing

@testable import MillwrightCaching

@Suite("A session's end that was begun and cut short", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionEndsTests {
    /// What finds that a session has ended, and says so.
    enum Request: CaseIterable { case save, rotate, renew, delete, revoke, revokeAll }

    /// Ends a session in PostgreSQL alone, as a node does that is killed before it comes to Redis.
    private func cutShort(_ session: Session, in group: SessionServers) async throws {
        let database = group.database()
        try await database.execute(
            """
            UPDATE millwright.sessions SET deleted_at = now(), deleted_why = 'logout', version = version + 1, payload = ''
            WHERE key = \(session.id.key)
            """
        )
        await database.close()
    }

    @Test("is in force on every node as soon as another request has said so", arguments: Request.allCases)
    func takenUp(_ request: Request) async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["n": .int(1)], user: "42")
            for node in nodes { #expect(try await node.read(session.id) != nil) }
            try await self.cutShort(session, in: group)
            // Nobody was told of it: the copy may go on answering.
            #expect(try await nodes[1].read(session.id) != nil)

            session["n"] = .int(2)
            switch request {
            case .save: #expect(try await nodes[0].save(session) == nil)
            case .rotate: #expect(try await nodes[0].rotate(session, user: "42").id != session.id)
            case .renew: #expect(try await nodes[0].renew(session) == nil)
            case .delete: try await nodes[0].delete(session.id)
            case .revoke: #expect(try await nodes[0].revoke(session.id.key) == false)
            case .revokeAll: #expect(try await nodes[0].revokeAll(of: "42") == 0)
            }

            for node in nodes { #expect(try await node.read(session.id) == nil) }
            // The copy was seen to, not given up.
            #expect(nodes.allSatisfy { $0.standing.trust?.generation == 1 })
        }
    }

    @Test("leaves more sessions of a user behind than one script takes, and all of them end")
    func many() async throws {
        let group = try await SessionServers()
        try await group.withNodes(1) { nodes in
            try await group.awaitCopy(nodes)
            var sessions: [Session] = []
            for _ in 0..<1_200 { sessions.append(try await nodes[0].create(user: "42")) }
            let other = try await nodes[0].create(user: "43")
            for session in sessions.prefix(3) { try await self.cutShort(session, in: group) }
            #expect(try await nodes[0].revokeAll(of: "42") == 1_197)
            for session in [sessions[0], sessions[3], sessions[1_199]] {
                #expect(try await nodes[0].read(session.id) == nil)
            }
            #expect(try await nodes[0].read(other.id) != nil)
        }
    }

    @Test("A write that is cancelled while PostgreSQL works on it leaves no copy in use that it may have outdated")
    func cancelled() async throws {
        let group = try await SessionServers()
        try await group.withNodes(1) { nodes in
            try await group.awaitCopy(nodes)
            let session = try await nodes[0].create(["n": .int(1)])
            let database = group.database()
            try await database.withTransaction { lock in
                try await lock.execute("SELECT FROM millwright.sessions WHERE key = \(session.id.key) FOR UPDATE")
                let write = Task { try await nodes[0].delete(session.id) }
                try await until { try await group.isAnyStatementWaiting() }
                write.cancel()
                await #expect(throws: CancellationError.self) { try await write.value }
            }
            try await until { nodes[0].standing.trust?.generation ?? 0 > 1 }
            try await group.awaitCopy(nodes)
            await database.close()
        }
    }

    @Test("A read that PostgreSQL does not answer in time leaves the copy in use, and a write does not")
    func late() async throws {
        let group = try await SessionServers()
        let (database, redis) = (group.database(), try group.redis())
        let store = try SessionStore(SessionConfiguration(alias: group.alias), database: database, redis: redis)
        for (isWrite, owed) in [(false, 0), (true, 1)] {
            await #expect(throws: SessionError.self) {
                try await store.calling(whileWriting: isWrite) { throw PostgresError(.timedOut, mayHaveRun: true) }
            }
            #expect(store.state.withLock { $0.suspicionsOwed } == owed)
        }
        await database.close()
        await redis.close()
    }
}
