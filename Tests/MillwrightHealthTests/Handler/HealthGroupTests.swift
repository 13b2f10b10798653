// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import Testing

@testable import MillwrightHealth

@Suite("Groups of checks")
struct HealthGroupTests {
    private func handler(_ access: DetailAccess = .nobody) async throws -> HealthHandler {
        let engine = try HealthEngine(
            [
                ScriptedCheck("disk", criticality: .critical) { HealthResult(.fail, code: "disk.full") },
                ScriptedCheck("cache"),
            ],
            groups: [HealthGroup("shop", checks: ["cache"]), HealthGroup("readyz", checks: ["cache"])]
        )
        await engine.sample()
        return HealthHandler(engine, access: access)
    }

    private func answer(_ handler: HealthHandler, _ path: String) -> (head: HTTPResponse, body: String)? {
        handler.response(to: HTTPRequest(method: .get, scheme: nil, authority: nil, path: path))
    }

    @Test("A group answers for its members only, and one named readyz decides readiness")
    func members() async throws {
        let handler = try await self.handler()

        #expect(self.answer(handler, "/health_check")?.head.status == .serviceUnavailable)
        #expect(self.answer(handler, "/health_check/shop/?x")?.head.status == .ok)
        #expect(self.answer(handler, "/readyz")?.head.status == .ok)
        #expect(self.answer(handler, "/health_check/readyz")?.head.status == .ok)
        #expect(self.answer(handler, "/health_check/nowhere") == nil && self.answer(handler, "/health_checks") == nil)
    }

    @Test("A group fails while the node drains, whatever its members say")
    func drains() async throws {
        let handler = try await self.handler()

        handler.engine.drain()

        #expect(self.answer(handler, "/health_check/shop")?.head.status == .serviceUnavailable)
        #expect(self.answer(handler, "/livez")?.head.status == .ok)
    }

    @Test("Details of a group are its members'; the short faces stay short for everybody")
    func details() async throws {
        let handler = try await self.handler(.everybody)

        let shop = try #require(self.answer(handler, "/health_check/shop")).body
        #expect(shop.contains(#""cache":{"#) && !shop.contains(#""disk":{"#) && shop.contains(#""group":"shop""#))
        #expect(try #require(self.answer(handler, "/readyz")).body.contains("checks") == false)
    }

    @Test("The status codes of the settings are what goes out")
    func statusCodes() async throws {
        let engine = try HealthEngine([ScriptedCheck("cache") { HealthResult(.fail, code: "redis.timed_out") }])
        await engine.sample()
        let handler = HealthHandler(engine, codes: try HealthStatusCodes([.pass: 200, .warn: 429, .fail: 500]))

        #expect(self.answer(handler, "/readyz")?.head.status == .tooManyRequests)
        engine.drain()
        #expect(self.answer(handler, "/readyz")?.head.status == .internalServerError)
    }
}
