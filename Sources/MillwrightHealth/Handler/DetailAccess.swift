// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import HTTPTypes
public import MillwrightCore

/// Who may see details.
///
/// Nobody may, unless a token or a network is given.
public struct DetailAccess: Sendable {
    /// The bearer token; it is taken from the `Authorization` header only, because query strings end in access logs.
    public var token: Secret<String>?
    /// Networks whose clients need no token.
    public var trustedNetworks: [TrustedNetwork]
    private var isOpen = false

    /// Creates the rule.
    public init(token: Secret<String>? = nil, trustedNetworks: [TrustedNetwork] = []) {
        self.token = token
        self.trustedNetworks = trustedNetworks
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
    /// - Parameter peer: the address of the connection's other end; a proxy's `X-Forwarded-For` is not believed.
    public func allows(_ request: HTTPRequest, peer: String?) -> Bool {
        if self.isOpen { return true }
        if let peer, self.trustedNetworks.contains(where: { $0.contains(peer) }) { return true }
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
