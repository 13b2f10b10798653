// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("Sessions of the example host", .timeLimit(.minutes(2)))
struct HostedSessionsTests {
    @Test("The cookie is a safe one, a login changes the id, and what one process wrote the other reads")
    func life() async throws {
        try await HostedSessions.run { hosted in
            #expect(try await hosted.ask(0, "GET", "/cart").setCookie == nil)

            let begun = try await hosted.ask(0, "POST", "/cart/H-1")
            #expect(begun.status == 200 && begun.vary == "Cookie")
            #expect(
                begun.attributes.isSuperset(of: ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"]),
                "\(begun.setCookie ?? "none")"
            )
            let first = try #require(begun.id)
            let seen = try await hosted.ask(1, "GET", "/cart", id: first)
            #expect(seen.body.contains(#""H-1":1"#) && seen.setCookie == nil)

            let second = try #require(try await hosted.ask(1, "POST", "/login/42", id: first).id)
            #expect(second != first)
            let mine = try await hosted.ask(0, "GET", "/cart", id: second).body
            #expect(mine.contains(#""42""#) && mine.contains(#""H-1":1"#))
            #expect(try await !hosted.ask(0, "GET", "/cart", id: first).body.contains("H-1"))
        }
    }

    @Test("kill -9 of Redis logs nobody out and loses no write; a logout during the outage holds when Redis is back")
    func outage() async throws {
        try await HostedSessions.run { hosted in
            let leaving = try #require(try await hosted.ask(0, "POST", "/login/41").id)
            let staying = try #require(try await hosted.ask(1, "POST", "/login/42").id)
            for host in [0, 1] {
                #expect(try await hosted.ask(host, "GET", "/cart", id: leaving).body.contains(#""41""#))
            }

            try await hosted.servers.server("redis").kill()
            for turn in 1...3 {
                #expect(try await hosted.ask(turn % 2, "POST", "/cart/H-\(turn)", id: staying).status == 200)
                let cart = try await hosted.ask((turn + 1) % 2, "GET", "/cart", id: staying)
                #expect(cart.status == 200 && cart.setCookie == nil)
                #expect(cart.body.contains(#""42""#) && cart.body.contains(#""H-\#(turn)":1"#))
            }
            let out = try await hosted.ask(0, "POST", "/logout", id: leaving)
            #expect(out.status == 204 && out.id == "" && out.attributes.contains("Max-Age=0"))

            try await hosted.servers.server("redis").restart()
            try await hosted.awaitRedis()
            for host in [0, 1] {
                #expect(try await !hosted.ask(host, "GET", "/cart", id: leaving).body.contains(#""41""#))
                let cart = try await hosted.ask(host, "GET", "/cart", id: staying).body
                for turn in 1...3 { #expect(cart.contains(#""H-\#(turn)":1"#)) }
            }
        }
    }

    @Test("With both servers frozen it answers 503 and leaves the cookie alone; the login is there when they run on")
    func bothFrozen() async throws {
        try await HostedSessions.run { hosted in
            let id = try #require(try await hosted.ask(0, "POST", "/login/42").id)
            for name in ["redis", "postgres"] { try await hosted.servers.server(name).stop() }
            for (method, path) in [("GET", "/cart"), ("POST", "/cart/H-1"), ("POST", "/logout")] {
                let answer = try await hosted.ask(1, method, path, id: id)
                #expect(answer.status == 503 && answer.setCookie == nil, "\(method) \(path)")
            }
            for name in ["redis", "postgres"] { try await hosted.servers.server(name).continue() }
            while try await hosted.ask(1, "GET", "/cart", id: id).status != 200 {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await hosted.ask(1, "GET", "/cart", id: id).body.contains(#""42""#))
        }
    }
}
