// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import MillwrightCore
import Testing

@testable import MillwrightHealth

@Suite("Health handler")
struct HealthHandlerTests {
    private static let secret = "s3cret@/% space"

    private func handler(
        _ criticality: HealthCriticality,
        _ result: HealthResult,
        access: DetailAccess = .nobody
    ) async throws -> HealthHandler {
        let engine = try HealthEngine([ScriptedCheck("memory", criticality: criticality) { result }])
        await engine.sample()
        return HealthHandler(engine, access: access)
    }

    private func request(
        _ method: HTTPRequest.Method = .get,
        _ path: String = "/health_check",
        fields: HTTPFields = [:]
    ) -> HTTPRequest {
        HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: fields)
    }

    @Test(
        "GET, HEAD and OPTIONS have the same status and length on every path, without a Host and with any Accept",
        arguments: HealthFace.fixed
    )
    func methods(face: HealthFace) async throws {
        let handler = try await self.handler(.critical, HealthResult(.fail, code: "disk.full"))
        let expected: HTTPResponse.Status = [.readyz, .health].contains(face) ? .serviceUnavailable : .ok

        for accept in ["*/*", "text/html", "image/png;q=0", ""] {
            let answers = try [HTTPRequest.Method.get, .head, .options].map { method in
                try #require(handler.response(to: self.request(method, face.path, fields: [.accept: accept])))
            }

            #expect(answers.allSatisfy { $0.head.status == expected })
            #expect(answers.allSatisfy { $0.head.headerFields[.cacheControl] == "no-store" })
            #expect(Set(answers.map { $0.head.headerFields[.contentLength] }).count == 1)
            #expect(answers[0].head.headerFields[.contentLength] == String(answers[0].body.utf8.count))
            #expect(answers[1].body.isEmpty && !answers[0].body.isEmpty)
        }
    }

    @Test("Other methods are refused and told which are not", arguments: ["POST", "PUT", "DELETE", "PROPFIND"])
    func notAllowed(name: String) async throws {
        let handler = try await self.handler(.critical, .pass())
        let method = try #require(HTTPRequest.Method(name))

        let answer = try #require(handler.response(to: self.request(method)))

        #expect(answer.head.status == .methodNotAllowed)
        #expect(answer.head.headerFields[.allow] == "GET, HEAD, OPTIONS")
        #expect(handler.response(to: self.request(method, "/orders")) == nil)
    }

    @Test("Warnings are 200, and health+json is given to those who ask for it")
    func warning() async throws {
        let handler = try await self.handler(.degrading, HealthResult(.fail, code: "redis.timed_out"))

        let answer = try #require(
            handler.response(to: self.request(fields: [.accept: "application/health+json"]))
        )

        #expect(answer.head.status == .ok)
        #expect(answer.head.headerFields[.contentType] == "application/health+json")
        #expect(answer.body.hasPrefix(#"{"status":"warn","#))
        #expect(answer.body.contains(#""codes":["redis.timed_out"]"#))
    }

    @Test("Anybody's body stays below a kilobyte with a hundred failing checks and names no check")
    func small() async throws {
        let engine = try HealthEngine(
            (0..<100).map { number in
                ScriptedCheck("check-\(number)", criticality: .critical) { HealthResult(.fail, code: "code.\(number)") }
            }
        )
        await engine.sample()

        let answer = try #require(HealthHandler(engine).response(to: self.request()))

        #expect(answer.body.utf8.count <= 1024)
        #expect(!answer.body.contains("check-"))
    }

    @Test("Details need the token in its header, or a trusted network")
    func details() async throws {
        let access = DetailAccess(
            token: Secret(Self.secret),
            trustedNetworks: [TrustedNetwork("10.0.0.0/8")].compactMap { $0 }
        )
        let facts = [Evidence("usage_percent", .number(42.5))]
        let handler = try await self.handler(.critical, .pass(facts), access: access)
        func body(_ fields: HTTPFields = [:], path: String = "/health_check", peer: String? = nil) -> String {
            handler.response(to: self.request(.get, path, fields: fields), peer: peer)?.body ?? ""
        }

        let detail = body([.authorization: "Bearer \(Self.secret)"])
        #expect(detail.contains(#""memory":{"status":"pass","code":"ok","#))
        #expect(detail.contains(#""usage_percent":42.5"#) && detail.contains(#""timestamp":""#))
        #expect(body(peer: "10.1.2.3").contains("usage_percent"))
        #expect(body(peer: "::ffff:10.1.2.3").contains("usage_percent"))
        for refused in [
            body(), body([.authorization: "Bearer wrong"]), body([.authorization: "Basic \(Self.secret)"]),
            body([.authorization: "Bearer "]), body(peer: "11.0.0.1"), body(path: "/health_check?token=\(Self.secret)"),
        ] {
            #expect(!refused.contains("usage_percent") && refused.contains(#""status":"pass""#))
            #expect(!refused.contains("s3cret"))
        }
    }

    @Test("The HTTP document and the snapshot's are the same, down to the id")
    func sameDocument() async throws {
        let handler = try await self.handler(
            .critical,
            .pass(),
            access: DetailAccess(trustedNetworks: [TrustedNetwork("::1")].compactMap { $0 })
        )

        let body = handler.response(to: self.request(), peer: "::1")?.body

        #expect(body == handler.engine.snapshot().document().text(pretty: false))
    }
}
