// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import MillwrightCaching
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightHummingbird

@Suite("Sessions on Hummingbird", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(2)))
struct SessionMiddlewareTests {
    @Test("A session begins with a change, a login gives it a new id, and a logout ends it; the cookie is a safe one")
    func life() async throws {
        try await SessionHost.run { host in
            let looked = try #require(await host.ask("GET /who"))
            #expect(looked.body == "nobody 0")
            #expect(looked.fields["set-cookie"] == nil)
            #expect(looked.fields["vary"] == "Cookie")

            let begun = try #require(await host.ask("POST /set/cart"))
            let first = try #require(begun.sessionID)
            #expect(first.count == 43)
            for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
                #expect(begun.fields["set-cookie"]?.contains(part) == true, "\(part)")
            }
            #expect(await host.ask("POST /set/more", cookie: first)?.fields["set-cookie"] == nil)
            #expect(await host.ask("GET /who", cookie: first)?.body == "nobody 2")

            let second = try #require(await host.ask("POST /login", cookie: first)?.sessionID)
            #expect(second != first)
            #expect(await host.ask("GET /who", cookie: second)?.body == "42 2")
            #expect(await host.ask("GET /who", cookie: first)?.body == "nobody 0")

            let ended = try #require(await host.ask("POST /logout", cookie: second))
            #expect(ended.sessionID == "" && ended.fields["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(await host.ask("GET /who", cookie: second)?.body == "nobody 0")
        }
    }

    @Test("An id that the client has made up is not taken over, and what a failed answer changed is not stored")
    func fixation() async throws {
        try await SessionHost.run { host in
            let chosen = SessionID().text
            let login = try #require(await host.ask("POST /login", cookie: chosen))
            #expect(login.sessionID != nil && login.sessionID != chosen)
            #expect(await host.ask("GET /who", cookie: chosen)?.body == "nobody 0")
            #expect(await host.ask("GET /who", cookie: "attacker-chosen")?.body == "nobody 0")

            let id = try #require(login.sessionID)
            let broken = try #require(await host.ask("POST /broken", cookie: id))
            #expect(broken.status == 500 && broken.fields["set-cookie"] == nil)
            #expect(await host.ask("GET /who", cookie: id)?.body == "42 0")
        }
    }

    @Test("A new role gets a new id; what a handler has changed before it threw an answer is stored")
    func renews() async throws {
        try await SessionHost.run { host in
            let first = try #require(await host.ask("POST /login")?.sessionID)
            let second = try #require(await host.ask("POST /promote", cookie: first)?.sessionID)
            #expect(second != first)
            #expect(await host.ask("GET /who", cookie: second)?.body == "42 1")
            #expect(await host.ask("GET /who", cookie: first)?.body == "nobody 0")

            let refused = try #require(await host.ask("POST /refuse", cookie: second))
            #expect(refused.status == 401 && refused.body.contains("Not this password."))
            #expect(refused.fields["vary"] == "Cookie")
            #expect(await host.ask("GET /who", cookie: second)?.body == "42 2")
            // Nothing to renew is nothing to store.
            #expect(await host.ask("GET /nowhere")?.fields["set-cookie"] == nil)
        }
    }

    @Test("With both stores frozen the answer is 503 and the cookie is left alone; afterwards the login is still there")
    func bothDown() async throws {
        try await SessionHost.run { host in
            let id = try #require(await host.ask("POST /login")?.sessionID)
            #expect(await host.ask("GET /who", cookie: id)?.body == "42 0")
            for name in ["redis", "postgres"] { try await host.servers.server(name).stop() }
            let answer = try #require(await host.ask("GET /who", cookie: id))
            #expect(answer.status == 503)
            #expect(answer.fields["set-cookie"] == nil)
            for name in ["redis", "postgres"] { try await host.servers.server(name).continue() }
            while await host.ask("GET /who", cookie: id)?.status != 200 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(await host.ask("GET /who", cookie: id)?.body == "42 0")
        }
    }

    @Test("The storage keeps what Hummingbird's contract asks: duplicates, expiries, removal")
    func persist() async throws {
        try await SessionHost.run { host in
            let driver = SessionPersistDriver(host.store)
            try await driver.create(key: "a", value: "one", expires: .seconds(100))
            await #expect(throws: PersistError.duplicate) {
                try await driver.create(key: "a", value: "two", expires: nil)
            }
            #expect(try await driver.get(key: "a", as: String.self) == "one")
            try await driver.set(key: "a", value: "two", expires: nil)
            let kept = try #require(try await driver.getWithTTL(key: "a", as: String.self))
            #expect(kept.object == "two")
            #expect((.seconds(90))...(.seconds(100)) ~= (kept.ttl ?? .zero))
            await #expect(throws: PersistError.invalidConversion) { _ = try await driver.get(key: "a", as: Int.self) }
            try await driver.remove(key: "a")
            #expect(try await driver.get(key: "a", as: String.self) == nil)
            try await driver.create(key: "a", value: "three", expires: nil)
            #expect(try await driver.get(key: "a", as: String.self) == "three")
        }
    }
}
