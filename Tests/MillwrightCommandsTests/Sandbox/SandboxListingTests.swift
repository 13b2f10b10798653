// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCommands
@testable import MillwrightSandbox

@Suite("How a sandbox is shown")
struct SandboxListingTests {
    private let listing = SandboxListing(
        folder: "box",
        state: SandboxState(servers: [
            SandboxServer(
                name: "postgres",
                kind: .postgres,
                condition: .running,
                pid: 17,
                socket: "/s/.s.PGSQL.5432",
                port: nil,
                url: "postgres://app@/app?host=it's",
                log: "/s/log"
            ),
            SandboxServer(
                name: "sentinel-1",
                kind: .sentinel,
                condition: .dead,
                pid: nil,
                socket: nil,
                port: 7000,
                url: "redis://127.0.0.1:7000",
                log: "/t/log"
            ),
        ])
    )

    @Test("One line per server, then what a shell needs, quoted for it")
    func text() {
        #expect(
            self.listing.text == """
                postgres    running  17  /s/.s.PGSQL.5432
                sentinel-1  dead     –   127.0.0.1:7000

                export DATABASE_URL='postgres://app@/app?host=it'\\''s'
                export REDIS_SENTINEL_URL='redis+sentinel://127.0.0.1:7000/main'

                """
        )
    }

    @Test("The document has every server, with null for what it does not have")
    func document() throws {
        let document = self.listing.document

        #expect(document["database_url"] == .string("postgres://app@/app?host=it's"))
        #expect(document["redis_url"] == .null)
        let servers = try #require(document["servers"])
        guard case .array(let servers) = servers else {
            Issue.record("The servers are no list.")
            return
        }
        #expect(servers.map { $0["port"] } == [.null, .int(7000)])
        #expect(servers.map { $0["condition"] } == [.string("running"), .string("dead")])
    }

    @Test("Options become a plan: Sentinels get a replica that they can promote")
    func plan() throws {
        let start = try SandboxStart.parse(["--sentinels", "--standby", "--port", "0", "--fast"])

        #expect(start.plan.sentinels == 3)
        #expect(start.plan.redisReplicas == 1)
        #expect(start.plan.standby)
        #expect(!start.plan.pgbouncer)
        #expect(start.plan.postgresPort == 0)
        #expect(start.plan.redisPort == nil)
        #expect(!start.plan.isDurable)
    }
}
