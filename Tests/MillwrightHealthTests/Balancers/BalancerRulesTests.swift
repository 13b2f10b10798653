// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import Testing

@testable import MillwrightHealth

@Suite("What balancers are told")
struct BalancerRulesTests {
    private static let last = "UP 2/3; name=app/app1; node=lb1; weight=1/1; scur=0/0; qcur=0"
    private static let oneOfTwo = "UP 2/3; name=app/app1; node=lb1; weight=1/2; scur=0/0; qcur=0"

    /// Asks a node whose shared database fails, and whose disk may fail as well.
    private func answer(
        _ path: String = "/readyz",
        state: String? = Self.last,
        from peer: String? = "10.0.0.1",
        isDiskFull: Bool = false
    ) async throws -> (status: Int, body: String) {
        let engine = try HealthEngine([
            HostHealth("database", criticality: .shared) { HealthResult(.fail, code: "postgres.unreachable") },
            HostHealth("disk", criticality: .critical) { HealthResult(isDiskFull ? .fail : .pass, code: "disk") },
        ])
        await engine.sample()
        let balancers = [TrustedNetwork("10.0.0.0/24")].compactMap { $0 }
        let handler = HealthHandler(engine, rules: BalancerRules(balancers: balancers))
        var request = HTTPRequest(method: .options, scheme: nil, authority: nil, path: path)
        if let state, let name = HTTPField.Name("X-Haproxy-Server-State") { request.headerFields[name] = state }
        let answer = try #require(handler.response(to: request, peer: peer))
        return (answer.head.status.code, answer.body)
    }

    @Test("The last server of a farm stays in when what fails is shared, and says why", arguments: ["/readyz", "/"])
    func lastServer(path: String) async throws {
        let answer = try await self.answer(path)

        #expect(answer.status == 200)
        #expect(answer.body.contains(#""status":"warn""#) && answer.body.contains("last-in-farm"))
        #expect(answer.body.contains("postgres.unreachable"))
    }

    @Test("It goes out where another server is left, where nobody trusted says so, and for a fault of its own")
    func others() async throws {
        #expect(try await self.answer(state: Self.oneOfTwo).status == 503)
        #expect(try await self.answer(state: nil).status == 503)
        #expect(try await self.answer(from: "192.0.2.1").status == 503)
        #expect(try await self.answer(from: nil).status == 503)
        #expect(try await self.answer(isDiskFull: true).status == 503)
        #expect(try await !self.answer(state: Self.oneOfTwo).body.contains("last-in-farm"))
    }

    @Test("A node that drains goes, the last one too; it says so as the mode wants, and liveness stays as it is")
    func draining() async throws {
        func status(_ mode: DrainMode, _ path: String) throws -> Int? {
            let engine = try HealthEngine([])
            engine.drain()
            let balancers = [TrustedNetwork("10.0.0.1")].compactMap { $0 }
            let handler = HealthHandler(engine, rules: BalancerRules(drainMode: mode, balancers: balancers))
            var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: path)
            if let name = HTTPField.Name("X-Haproxy-Server-State") { request.headerFields[name] = Self.last }
            return handler.response(to: request, peer: "10.0.0.1")?.head.status.code
        }

        #expect(try DrainMode.allCases.map { try status($0, "/readyz") } == [503, 404, 503, 200])
        #expect(try DrainMode.allCases.map { try status($0, "/livez") } == [200, 200, 200, 200])
    }
}
