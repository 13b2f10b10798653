// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import MillwrightTesting
import Testing

@testable import MillwrightCaching

@Suite("Values under keys of the caller's", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionValuesTests {
    @Test("A value put again after it was removed and its row cleared is read at once, from the copy as well")
    func putAgain() async throws {
        let group = try await SessionServers()
        try await group.withNodes(2) { nodes in
            try await group.awaitCopy(nodes)
            for number in 0..<3 { _ = try await nodes[0].put("job", [UInt8(number)]) }
            #expect(try await nodes[1].value("job")?.bytes == [2])
            try await nodes[1].remove("job")
            #expect(try await nodes[0].value("job") == nil)
            try await self.clear(group)

            #expect(try await nodes[0].put("job", [7], mustBeNew: true))

            for node in nodes { #expect(try await node.value("job")?.bytes == [7]) }
            let before = nodes[1].standing.figures
            #expect(try await nodes[1].value("job")?.bytes == [7])
            #expect(nodes[1].standing.figures.copyReads == before.copyReads + 1)
            #expect(try await nodes[1].put("job", [8]))
            for node in nodes { #expect(try await node.value("job")?.bytes == [8]) }
            try await nodes[0].remove("job")
            for node in nodes { #expect(try await node.value("job") == nil) }
        }
    }

    /// Has `clearsessions` delete the row of a value that was removed.
    private func clear(_ group: SessionServers) async throws {
        let database = group.database()
        try await database.execute("UPDATE millwright.sessions SET expires_at = now() - interval '1 s'")
        let connection = try await PostgresConnection.connect(database.configuration)
        #expect(try await ExpiredSessions().run(on: connection).deleted == 1)
        await connection.close()
        await database.close()
    }
}
