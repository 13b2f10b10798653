// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
public import Hummingbird
public import MillwrightHealth
import NIOCore

/// Answers the health paths before anything else sees the request: no log line, no session, no host check, no 404 for
/// HEAD or OPTIONS.
public struct HealthMiddleware<Context: RequestContext>: RouterMiddleware {
    private let health: HealthHandler

    /// Creates the middleware; add it first.
    public init(_ health: HealthHandler) { self.health = health }

    /// Answers the health paths, and hands on everything else.
    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let (head, body) = self.health.response(to: request.head, peer: Self.peer(of: context)) else {
            return self.closing(try await next(request, context))
        }
        let response = Response(
            status: head.status,
            headers: head.headerFields,
            body: body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
        return self.closing(response)
    }

    private static func peer(of context: Context) -> String? {
        (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress
    }

    private static var envoy: HTTPField.Name? { HTTPField.Name("x-envoy-immediate-health-check-fail") }

    /// While the node drains every answer ends its connection, so that none is left to be cut when the server stops.
    private func closing(_ response: Response) -> Response {
        guard self.health.engine.isDraining else { return response }
        var response = response
        response.headers[.connection] = "close"
        if self.health.rules.drainMode == .envoy, let name = Self.envoy { response.headers[name] = "true" }
        return response
    }
}

extension Router {
    /// Answers `/health_check`, `/livez`, `/readyz` and `/startupz`.
    ///
    /// Call it before any other middleware and route: Hummingbird runs middleware in the order in which it was added, and
    /// a route has only those that were there before it.
    @discardableResult
    public func mountMillwright(_ health: HealthHandler) -> Self {
        self.add(middleware: HealthMiddleware(health))
    }
}
