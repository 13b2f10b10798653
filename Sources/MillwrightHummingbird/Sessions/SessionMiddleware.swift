// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
public import Hummingbird
public import MillwrightCaching
import MillwrightCore

/// Gives each request the session that its cookie names, and stores what the handlers have changed.
///
/// - An id that a client has made up leads to no session and is never taken over; a login gives a new id.
/// - What an answer of 500 and above has changed is not stored.
/// - Where neither store answers, the request gets 503 and its cookie is left alone: nobody is logged out by an outage.
/// - Answers carry `Vary: Cookie`.
///
/// A change that a handler makes while it streams a body comes too late to be stored.
public struct SessionMiddleware<Context: SessionRequestContext>: RouterMiddleware {
    private let store: SessionStore
    private let cookie: SessionCookie

    /// Creates the middleware; add it before the routes that use sessions, and after the health paths.
    public init(_ store: SessionStore, cookie: SessionCookie = SessionCookie()) {
        self.store = store
        self.cookie = cookie
    }

    /// Reads the session, has the request handled, and stores the session.
    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let id = request.cookies[self.cookie.name].flatMap { SessionID(cookie: $0.value) }
        let session: Session?
        do {
            session = if let id { try await self.store.read(id) } else { nil }
        } catch let error as SessionError {
            return Self.unavailable(error)
        }
        context.session = RequestSession(session)
        let holder = context.session
        var response = try await Self.answer(request, context, next)
        if response.status.code < 500 {
            do {
                if let cookie = try await self.keep(holder, had: id) { response.setCookie(cookie) }
            } catch let error as SessionError {
                return Self.unavailable(error)
            }
        }
        response.headers.vary(on: "Cookie")
        return response
    }

    /// The handler's answer; one that it threw, such as 401 or 303, is an answer as well, unless it is the server's fault.
    private static func answer(
        _ request: Request,
        _ context: Context,
        _ next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where error.status.code < 500 {
            return try error.response(from: request, context: context)
        }
    }

    /// Stores what was changed, and returns the cookie to send.
    private func keep(_ holder: RequestSession, had id: SessionID?) async throws -> Cookie? {
        let (session, values, wish) = holder.outcome
        switch (wish, session) {
        case (.logOut, let session?):
            try await self.store.delete(session.id)
            return try self.cookie.removal()
        case (.logOut, nil): return id == nil ? nil : try self.cookie.removal()
        case (.logIn(let user), let session?): return try self.sent(await self.store.rotate(session, user: user))
        case (.logIn(let user), nil): return try self.sent(await self.store.create(values, user: user))
        case (.renew, let session?): return try await self.store.renew(session).map { try self.sent($0) }
        case (.none, let session?):
            // One that was ended meanwhile is not written to, and the answer stands.
            if session.isModified { _ = try await self.store.save(session) }
            return session.isExtended ? try self.sent(session) : nil
        case (.none, nil), (.renew, nil): return values.isEmpty ? nil : try self.sent(await self.store.create(values))
        }
    }

    private func sent(_ session: Session) throws -> Cookie {
        try self.cookie.cookie(session.id.text, lifetime: self.store.configuration.idleLifetime)
    }

    /// 503, with the cookie as it is; what cannot be opened or is not set up is a fault of ours as well.
    private static func unavailable(_ error: SessionError) -> Response {
        var response = Response(status: .serviceUnavailable)
        response.headers[.retryAfter] = "1"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

extension HTTPFields {
    /// Says that the answer depends on a field of the request.
    fileprivate mutating func vary(on name: String) {
        let known = self[.vary] ?? ""
        guard known != "*",
            !known.lowercased().split(separator: ",").contains(where: { $0.filter { $0 != " " } == name.lowercased() })
        else { return }
        self[.vary] = known.isEmpty ? name : "\(known), \(name)"
    }
}
