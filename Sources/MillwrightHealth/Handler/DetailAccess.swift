// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import HTTPTypes
public import MillwrightCore

/// Who may see details.
///
/// Nobody may, unless a token or a network is given.
///
/// ```swift
/// import MillwrightCore
///
/// var access = DetailAccess(token: Secret("from the settings"))
/// access.trustedNetworks = [TrustedNetwork("10.0.0.0/8")].compactMap { $0 }
/// ```
public struct DetailAccess: Sendable {
    /// The bearer token; it is taken from the `Authorization` header only, because query strings end in access logs.
    public var token: Secret<String>?
    /// Networks whose clients need no token.
    public var trustedNetworks: [TrustedNetwork]
    /// Proxies whose `X-Forwarded-For` is believed; that of anybody else is not.
    public var trustedProxies: [TrustedNetwork]
    private var isOpen = false

    /// Creates the rule.
    public init(
        token: Secret<String>? = nil,
        trustedNetworks: [TrustedNetwork] = [],
        trustedProxies: [TrustedNetwork] = []
    ) {
        self.token = token
        self.trustedNetworks = trustedNetworks
        self.trustedProxies = trustedProxies
    }

    /// Nobody may.
    public static let nobody = DetailAccess()

    /// Everybody may: for a port that only trusted people reach.
    public static var everybody: DetailAccess {
        var access = DetailAccess()
        access.isOpen = true
        return access
    }

    /// Decides for one request.
    ///
    /// - Parameter peer: the address of the connection's other end.
    public func allows(_ request: HTTPRequest, peer: @autoclosure () -> String?) -> Bool {
        self.isOpen || self.trusts(request, peer: peer()) || self.holdsToken(request)
    }

    /// Whether the client is in a trusted network.
    ///
    /// A request that came through a proxy is its client's, not the proxy's: where the proxy is not known to tell the truth
    /// about that, nobody is trusted.
    private func trusts(_ request: HTTPRequest, peer: @autoclosure () -> String?) -> Bool {
        guard !self.trustedNetworks.isEmpty, let peer = peer() else { return false }
        guard let path = ForwardedPath(request.headerFields) else { return self.trustedNetworks.contain(peer) }
        guard self.trustedProxies.contain(peer) else { return false }
        return path.client(beyond: self.trustedProxies).map(self.trustedNetworks.contain) ?? false
    }

    private func holdsToken(_ request: HTTPRequest) -> Bool {
        guard let token = self.token?.reveal(), !token.isEmpty else { return false }
        guard let header = request.headerFields[.authorization], header.count > 7,
            header.prefix(7).lowercased() == "bearer "
        else { return false }
        return Self.areEqual(String(header.dropFirst(7)), token)
    }

    /// Compares in a time that does not tell how many characters were right.
    static func areEqual(_ offered: String, _ token: String) -> Bool {
        let (offered, token) = (Array(offered.utf8), Array(token.utf8))
        var difference = UInt(bitPattern: offered.count ^ token.count)
        for index in token.indices {
            let byte = offered.isEmpty ? 0 : offered[index % offered.count]
            difference |= UInt(byte ^ token[index])
        }
        return difference == 0
    }
}

extension [TrustedNetwork] {
    /// Whether one of them holds an address.
    func contain(_ address: String) -> Bool { self.contains { $0.contains(address) } }
}
