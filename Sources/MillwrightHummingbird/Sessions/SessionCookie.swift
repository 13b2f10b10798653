// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import Hummingbird
public import MillwrightToolkit

/// How the session's cookie is sent: `HttpOnly` always, `Secure` and `SameSite=Lax` unless told otherwise.
public struct SessionCookie: Sendable {
    /// The name; one that begins with `__Host-` makes browsers insist on `Secure`, on the path `/` and on no domain.
    public var name = "sessionid"
    /// Whether it is sent over TLS only.
    public var isSecure = true
    /// When it goes along with requests from other sites.
    public var sameSite = Cookie.SameSite.lax
    /// Whether it outlives the browser, as long as the session lives.
    public var isPersistent = true

    /// Creates the defaults.
    public init() {}

    /// How the settings want it.
    public init(_ settings: SessionSettings) {
        self.name = settings.cookieName
        self.isSecure = settings.isCookieSecure
        self.sameSite =
            switch settings.cookieSameSite {
            case "strict": .strict
            case "none": .none
            default: .lax
            }
    }

    /// The cookie with an id.
    func cookie(_ id: String, lifetime: Duration) throws -> Cookie {
        let seconds = self.isPersistent ? Int(lifetime.components.seconds) : nil
        return try self.cookie(value: id, maxAge: seconds)
    }

    /// The cookie that removes the browser's.
    func removal() throws -> Cookie { try self.cookie(value: "", maxAge: 0) }

    private func cookie(value: String, maxAge: Int?) throws -> Cookie {
        let isBound = self.name.hasPrefix("__Host-") || self.name.hasPrefix("__Secure-")
        return try Cookie.validated(
            name: self.name,
            value: value,
            maxAge: maxAge,
            path: "/",
            secure: self.isSecure || isBound || self.sameSite == .none,
            httpOnly: true,
            sameSite: self.sameSite
        )
    }
}
