// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import HTTPTypes

/// Answers the health paths for any web framework: give it a request's head, send what comes back.
///
/// GET, HEAD and OPTIONS have the same status; nothing but the path and the method decides it, so a prober may speak
/// HTTP/1.0, leave out the Host, add a slash or a query, and accept whatever it likes.
///
/// ```swift
/// import HTTPTypes
///
/// let handler = HealthHandler(try HealthEngine([MemoryHealth()]))
/// let probe = HTTPRequest(method: .options, scheme: nil, authority: nil, path: "/readyz/?from=haproxy")
/// let answer = handler.response(to: probe)
/// ```
public struct HealthHandler: Sendable {
    /// What it reports.
    public let engine: HealthEngine
    /// Who may see details.
    public let access: DetailAccess
    /// What load balancers are told beyond how the node is.
    public let rules: BalancerRules
    private let answers: RenderedAnswers

    /// Creates a handler; details are for nobody unless `access` says so.
    public init(
        _ engine: HealthEngine,
        access: DetailAccess = .nobody,
        codes: HealthStatusCodes = .standard,
        rules: BalancerRules = BalancerRules()
    ) {
        self.engine = engine
        self.access = access
        self.rules = rules
        self.answers = RenderedAnswers(codes: codes)
    }

    /// The answer to a request, or `nil` where its path is none of ours.
    ///
    /// - Parameters:
    ///   - request: the request's head.
    ///   - peer: the address of the connection's other end, for trusted networks; looked up where it matters only.
    /// - Returns: the response's head, complete with its length, and the body; empty for HEAD.
    public func response(
        to request: HTTPRequest,
        peer: @autoclosure () -> String? = nil
    ) -> (head: HTTPResponse, body: String)? {
        guard let path = HealthRoute.path(method: request.method, target: request.path) else { return nil }
        let snapshot = self.engine.snapshot()
        guard let face = HealthRoute.face(of: path, in: snapshot.groups) else { return nil }
        guard request.method == .get || request.method == .head || request.method == .options else {
            return Self.notAllowed
        }
        let key = RenderedAnswers.Key(
            face: face,
            format: HealthFormat(accept: request.headerFields[.accept]),
            isDetailed: face.hasDetails && self.access.allows(request, peer: peer()),
            stance: self.rules.stance(of: snapshot, face, request, peer: peer())
        )
        var answer = self.answers.answer(key, from: snapshot)
        if request.method == .options { answer.head.headerFields[.allow] = Self.allowed }
        if request.method == .head { answer.body = "" }
        return answer
    }

    private static let allowed = "GET, HEAD, OPTIONS"

    private static let notAllowed: (head: HTTPResponse, body: String) = (
        HTTPResponse(
            status: .methodNotAllowed,
            headerFields: [.allow: Self.allowed, .contentLength: "0", .cacheControl: "no-store"]
        ),
        ""
    )
}
