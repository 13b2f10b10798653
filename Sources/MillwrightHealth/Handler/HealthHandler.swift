// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import HTTPTypes
import MillwrightCore
import Synchronization

/// Answers the health paths for any web framework: give it a request's head, send what comes back.
///
/// GET, HEAD and OPTIONS have the same status; nothing but the path and the method decides it, so a prober may speak
/// HTTP/1.0, leave out the Host, add a slash or a query, and accept whatever it likes.
public struct HealthHandler: Sendable {
    /// What it reports.
    public let engine: HealthEngine
    /// Who may see details.
    public let access: DetailAccess
    private let bodies = Bodies()

    /// Creates a handler; details are for nobody unless `access` says so.
    public init(_ engine: HealthEngine, access: DetailAccess = .nobody) {
        self.engine = engine
        self.access = access
    }

    /// The answer to a request, or `nil` where its path is none of ours.
    ///
    /// - Parameters:
    ///   - request: the request's head.
    ///   - peer: the address of the connection's other end, for trusted networks.
    /// - Returns: the response's head, complete with its length, and the body; empty for HEAD.
    public func response(to request: HTTPRequest, peer: String? = nil) -> (head: HTTPResponse, body: String)? {
        guard let face = HealthRoute.face(method: request.method.rawValue, target: request.path) else { return nil }
        guard [.get, .head, .options].contains(request.method) else { return Self.notAllowed }
        let snapshot = self.engine.snapshot()
        let body =
            face == .health && self.access.allows(request, peer: peer)
            ? snapshot.document(of: face).text(pretty: false)
            : self.bodies.brief(snapshot, face: face)
        var head = HTTPResponse(status: snapshot.status(of: face) == .fail ? .serviceUnavailable : .ok)
        head.headerFields = [
            .contentType: Self.contentType(accepted: request.headerFields[.accept]),
            .contentLength: String(body.utf8.count),
            .cacheControl: "no-store",
        ]
        if request.method == .options { head.headerFields[.allow] = Self.allowed }
        return (head, request.method == .head ? "" : body)
    }

    private static let allowed = "GET, HEAD, OPTIONS"

    private static let notAllowed: (head: HTTPResponse, body: String) = (
        HTTPResponse(
            status: .methodNotAllowed,
            headerFields: [.allow: Self.allowed, .contentLength: "0", .cacheControl: "no-store"]
        ),
        ""
    )

    /// Health documents have a type of their own for those who ask for it; everybody else gets plain JSON, never a 406.
    private static func contentType(accepted: String?) -> String {
        accepted?.contains("application/health+json") == true ? "application/health+json" : "application/json"
    }
}

/// The short bodies of the latest snapshot: a thousand probes between two changes write each of them once.
private final class Bodies: Sendable {
    private let state = Mutex<(id: String, bodies: [HealthFace: String])>(("", [:]))

    func brief(_ snapshot: HealthSnapshot, face: HealthFace) -> String {
        self.state.withLock { state in
            if state.id != snapshot.id { state = (snapshot.id, [:]) }
            if let body = state.bodies[face] { return body }
            let body = HealthDocument.brief(snapshot, face: face)
            state.bodies[face] = body
            return body
        }
    }
}
