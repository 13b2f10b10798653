// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightRedis
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("The session store", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionStoreTests {
    @Test("A session that one node writes, another reads from the copy; one that it ends is gone there")
    func shared() async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["cart": .int(1)])
            #expect(try await nodes[1].read(session.id)?["cart"] == .int(1))

            session["cart"] = .int(2)
            let saved = try #require(try await nodes[0].save(session))
            #expect(saved.version == 2)
            let before = nodes[1].standing.figures
            #expect(try await nodes[1].read(session.id)?["cart"] == .int(2))
            #expect(nodes[1].standing.figures.copyReads == before.copyReads + 1)
            #expect(nodes[1].standing.figures.databaseReads == before.databaseReads)

            try await nodes[1].delete(session.id)
            #expect(try await nodes[0].read(session.id) == nil)
            session["cart"] = .int(3)
            #expect(try await nodes[0].save(session) == nil)
            #expect(try await nodes[0].read(session.id) == nil)
        }
    }

    @Test("Two requests that change different keys at once lose nothing; an id that nobody drew is no session")
    func merges() async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            let session = try await nodes[0].create()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<12 {
                    tasks.addTask {
                        var own = session
                        own["key-\(number)"] = .int(number)
                        _ = try await nodes[number % 2].save(own)
                    }
                }
                try await tasks.waitForAll()
            }
            let read = try #require(try await nodes[1].read(session.id))
            #expect(read.values.count == 12)
            #expect(read.version == 13)
            #expect(try await nodes[0].read(SessionID()) == nil)
        }
    }

    @Test("A login gets a new id, keeps what another request has written, and leaves the old id leading nowhere")
    func rotates() async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            let anonymous = try await nodes[0].create(["cart": .int(1)])
            var other = anonymous
            other["seen"] = .bool(true)
            _ = try await nodes[1].save(other)
            var mine = anonymous
            mine["welcome"] = .string("back")

            let login = try await nodes[0].rotate(mine, user: "42")

            #expect(login.id != anonymous.id)
            let read = try #require(try await nodes[1].read(login.id))
            #expect(read.user == "42")
            #expect(read.values == ["cart": .int(1), "seen": .bool(true), "welcome": .string("back")])
            for node in nodes { #expect(try await node.read(anonymous.id) == nil) }

            let phone = try await nodes[1].create(user: "42")
            #expect(try await nodes[0].sessions(of: "42").count == 2)
            #expect(try await nodes[0].revokeAll(of: "42") == 2)
            for id in [login.id, phone.id] { #expect(try await nodes[1].read(id) == nil) }
            #expect(try await nodes[0].sessions(of: "42").isEmpty)
            // What was revoked does not come back under a new id.
            #expect(try await nodes[0].renew(login) == nil)
        }
    }

    @Test("A use puts the end off and never beyond the absolute end; both stores have the same end")
    func expires() async throws {
        let group = try await SessionServers()
        let adjust: (inout SessionConfiguration) -> Void = {
            $0.idleLifetime = .seconds(600)
            $0.absoluteLifetime = .seconds(900)
            $0.touchAfter = .milliseconds(1)
        }
        try await group.withNodes(1, adjust) { nodes in
            try await group.awaitCopy(nodes)
            let session = try await nodes[0].create()
            let database = group.database()
            let age: (Int) async throws -> Void = { seconds in
                try await database.execute(
                    "UPDATE millwright.sessions SET expires_at = expires_at - \(seconds) * interval '1 s', ends_at = ends_at - \(seconds) * interval '1 s'"
                )
                try await group.flush()
            }
            try await age(200)
            let touched = try #require(try await nodes[0].read(session.id))
            #expect(abs(touched.expiresAtMilliseconds - session.expiresAtMilliseconds) < 60_000)
            try await age(400)
            // 600 s of 900 are over: the end is 300 s away, whatever the use.
            let last = try #require(try await nodes[0].read(session.id))
            let fromDatabase = try await database.query(
                "SELECT (extract(epoch FROM expires_at) * 1000)::bigint, (extract(epoch FROM expires_at - now()))::int FROM millwright.sessions",
                as: (Int, Int).self
            )[0]
            #expect(last.expiresAtMilliseconds == fromDatabase.0)
            #expect((200...300).contains(fromDatabase.1))
            let fromCopy = try #require(try await nodes[0].read(session.id))
            #expect(fromCopy.expiresAtMilliseconds == fromDatabase.0)
            try await age(400)
            #expect(try await nodes[0].read(session.id) == nil)
            await database.close()
        }
    }

    @Test("A copy whose end has come ends no session whose end was put off in PostgreSQL alone")
    func olderEnd() async throws {
        let group = try await SessionServers()
        try await group.withNodes(1) { nodes in
            try await group.awaitCopy(nodes)
            let session = try await nodes[0].create(["n": .int(1)])
            let before = nodes[0].standing.figures
            #expect(try await nodes[0].read(session.id)?["n"] == .int(1))
            #expect(nodes[0].standing.figures.copyReads == before.copyReads + 1)
            #expect(nodes[0].standing.figures.databaseReads == before.databaseReads)

            #expect(try await self.endCopies(of: group) == 1)

            #expect(try await nodes[0].read(session.id)?["n"] == .int(1))
            #expect(nodes[0].standing.figures.copyReads == before.copyReads + 1)
            #expect(nodes[0].standing.figures.databaseReads == before.databaseReads + 1)
        }
    }

    /// Has every copy say that its end has come, as Redis keeps them where its clock is late; returns how many there were.
    private func endCopies(of group: SessionServers) async throws -> Int {
        let redis = try group.redis()
        var count = 0
        for name in try await redis.send(RedisCommand("KEYS", "*:session:*")).decode(as: [String].self) {
            let bytes = try await redis.send(RedisCommand("GET", name)).decode(as: [UInt8]?.self)
            guard case .copy(var copy)? = bytes.flatMap({ SessionEntry($0) }) else { continue }
            copy.expiresAtMilliseconds = 1
            _ = try await redis.send(RedisCommand("SET", name, SessionEntry.copy(copy).bytes))
            count += 1
        }
        await redis.close()
        return count
    }

    @Test("Encrypted payloads are read with older keys, open in no other row, and show nothing in either store")
    func encrypts() async throws {
        let group = try await SessionServers()
        let old = Secret("2025:" + String(repeating: "A", count: 43) + "=")
        let new = Secret("2026:" + String(repeating: "B", count: 42) + "A=")
        var id: SessionID?
        try await group.withNodes(1) {
            $0.encryption = try SessionEncryption([old])
        } _: { nodes in
            try await group.awaitCopy(nodes)
            id = try await nodes[0].create(["card": .string("4111-1111")]).id
        }
        let kept = try #require(id)
        try await group.withNodes(1) {
            $0.encryption = try SessionEncryption([new, old])
        } _: { nodes in
            var session = try #require(try await nodes[0].read(kept))
            #expect(session["card"] == .string("4111-1111"))
            session["again"] = .bool(true)
            _ = try await nodes[0].save(session)
        }
        try await group.withNodes(1) {
            $0.encryption = try SessionEncryption([new])
        } _: { nodes in
            #expect(try await nodes[0].read(kept)?["card"] == .string("4111-1111"))
            let other = try await nodes[0].create()
            let database = group.database()
            let payloads = try await database.query("SELECT payload FROM millwright.sessions", as: [UInt8].self)
            #expect(payloads.allSatisfy { !String(decoding: $0, as: UTF8.self).contains("4111") })
            // Somebody who can write the table gives one user the session of another.
            try await database.execute(
                "UPDATE millwright.sessions SET payload = (SELECT payload FROM millwright.sessions WHERE key = \(kept.key)) WHERE key = \(other.id.key)"
            )
            try await group.flush()
            await #expect(throws: SessionError.self) { _ = try await nodes[0].read(other.id) }
            await database.close()
        }
    }
}
