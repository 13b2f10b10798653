// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import MillwrightToolkit
import Testing

@testable import MillwrightHummingbird

@Suite("The session's cookie")
struct SessionCookieTests {
    /// The name with the value, and the attributes behind it.
    private func parts(_ adjust: (inout SessionCookie) -> Void = { _ in }) throws -> (first: String, rest: Set<String>)
    {
        var cookie = SessionCookie()
        adjust(&cookie)
        return Self.parts(of: try cookie.cookie("id", lifetime: .seconds(60)))
    }

    private static func parts(of cookie: Cookie) -> (first: String, rest: Set<String>) {
        let parts = cookie.description.split(separator: "; ").map(String.init)
        return (parts[0], Set(parts.dropFirst()))
    }

    @Test("By default no script reads it, no plain connection carries it, and no other site's form sends it")
    func defaults() throws {
        let (first, rest) = try self.parts()

        #expect(first == "sessionid=id")
        #expect(rest == ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=60"])
    }

    @Test(
        "Where browsers insist on Secure it is there, whatever the settings say",
        arguments: ["__Host-sid", "__Secure-sid"]
    )
    func bound(name: String) throws {
        let (first, rest) = try self.parts {
            $0.name = name
            $0.isSecure = false
        }

        #expect(first == "\(name)=id")
        #expect(rest == ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=60"])
    }

    @Test("SameSite=None is never without Secure, and a cookie that ends with the browser has no age")
    func variants() throws {
        let foreign = try self.parts {
            $0.sameSite = .none
            $0.isSecure = false
        }
        let plain = try self.parts {
            $0.isSecure = false
            $0.isPersistent = false
        }

        #expect(foreign.rest == ["Secure", "HttpOnly", "SameSite=None", "Path=/", "Max-Age=60"])
        #expect(plain.rest == ["HttpOnly", "SameSite=Lax", "Path=/"])
    }

    @Test("The settings name it; the cookie that removes it has the same name and path, and no time to live")
    func settings() throws {
        var settings = SessionSettings(cacheAlias: "sessions", database: "default")
        settings.cookieName = "__Host-sid"
        settings.cookieSameSite = "strict"
        let (first, rest) = Self.parts(of: try SessionCookie(settings).removal())

        #expect(first == "__Host-sid=")
        #expect(rest == ["Secure", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=0"])
    }
}
