// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Sessions after PostgreSQL went back in time", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionRestoredTests {
    /// What a backup may have had in the place of the row of trust.
    enum Backup: CaseIterable { case earlierGeneration, earlierPhase, noRow }

    private func restore(_ backup: Backup, in group: SessionServers) async throws {
        let database = group.database()
        switch backup {
        case .earlierGeneration:
            try await database.execute("UPDATE millwright.session_trust SET generation = 0, phase = 'suspect'")
        case .earlierPhase: try await database.execute("UPDATE millwright.session_trust SET phase = 'rebuilding'")
        case .noRow: try await database.execute("DELETE FROM millwright.session_trust")
        }
        await database.close()
    }

    @Test("A row of trust that is older than what a node has seen begins a new generation", arguments: Backup.allCases)
    func olderRow(_ backup: Backup) async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["n": .int(1)])
            _ = try await nodes[1].read(session.id)
            let known = nodes[0].standing.trust?.generation ?? 0

            try await self.restore(backup, in: group)

            session["n"] = .int(2)
            let change = session
            try await until { (try? await nodes[0].save(change)) != nil }
            for node in nodes { #expect(try await node.read(session.id)?["n"] == .int(2)) }
            try await until { nodes.allSatisfy { $0.standing.trust?.generation ?? 0 > known } }
            try await group.awaitCopy(nodes)
            for node in nodes { #expect(try await node.read(session.id)?["n"] == .int(2)) }
        }
    }

    @Test("A copy of writes that PostgreSQL has lost is not read, though the row of trust is as it was")
    func lostWrites() async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            var session = try await nodes[0].create(["n": .int(1)])
            session["n"] = .int(2)
            let lost = try #require(try await nodes[0].save(session))
            session = lost
            session["n"] = .int(3)
            _ = try await nodes[0].save(session)
            #expect(try await nodes[1].read(session.id)?["n"] == .int(3))

            // A standby that had the second version only is promoted.
            let database = group.database()
            try await database.execute(
                """
                UPDATE millwright.sessions SET version = \(lost.version),
                    payload = \(try SessionPayload.encode(lost.values, row: lost.id.key, encryption: nil))
                WHERE key = \(lost.id.key)
                """
            )
            await database.close()
            try await group.servers.server("postgres").restart()

            session = lost
            session["n"] = .int(4)
            let change = session
            try await until { (try? await nodes[1].save(change)) != nil }
            for node in nodes { #expect(try await node.read(session.id)?["n"] == .int(4)) }
            try await group.awaitCopy(nodes)
            for node in nodes { #expect(try await node.read(session.id)?["n"] == .int(4)) }
        }
    }
}
