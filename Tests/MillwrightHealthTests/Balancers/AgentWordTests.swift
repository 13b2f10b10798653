// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import Testing

@testable import MillwrightHealth

@Suite("HAProxy's agent")
struct AgentWordTests {
    private func engine(_ result: HealthResult, holdsStart: Bool = false) async throws -> HealthEngine {
        let engine = try HealthEngine(
            [HostHealth("disk", criticality: .critical) { result }],
            holdsStart: holdsStart
        )
        await engine.sample()
        return engine
    }

    @Test("is told up and ready, down and why, and drain, each as one line")
    func words() async throws {
        let well = try await self.engine(.pass())
        let ill = try await self.engine(HealthResult(.fail, code: "disk.full"))
        let starting = try await self.engine(.pass(), holdsStart: true)

        #expect(well.agentLine == "up ready\n")
        #expect(ill.agentLine == "down #disk.full\n")
        #expect(starting.agentLine == "down #starting\n")
        for engine in [well, ill] {
            engine.drain()
            #expect(engine.agentLine == "drain\n")
        }
    }

    @Test(
        "A node that drains by its agent answers over HTTP as its checks say, with a warning",
        arguments: [false, true]
    )
    func http(isIll: Bool) async throws {
        let engine = try await self.engine(isIll ? HealthResult(.fail, code: "disk.full") : .pass())
        let handler = HealthHandler(engine, rules: BalancerRules(drainMode: .agent))
        engine.drain()

        let request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/readyz")
        let answer = try #require(handler.response(to: request))

        #expect(answer.head.status.code == (isIll ? 503 : 200))
        #expect(answer.body.contains("draining"))
        #expect(answer.body.contains(isIll ? #""status":"fail""# : #""status":"warn""#))
    }
}
