// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes

/// The way a request says it came: the addresses in `X-Forwarded-For`, the client's first.
struct ForwardedPath {
    private let addresses: [String]

    /// `nil` where the request does not say that it came through a proxy.
    ///
    /// `Forwarded` and `X-Real-IP` say so too; their addresses are not read, so nobody is trusted for them.
    init?(_ fields: HTTPFields) {
        let names = ["X-Forwarded-For", "Forwarded", "X-Real-IP"].compactMap { HTTPField.Name($0) }
        guard names.contains(where: { fields[$0] != nil }) else { return nil }
        let value = names.first.flatMap { fields[$0] } ?? ""
        self.addresses = value.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    }

    /// The last address that is no proxy's: everything before it is the client's own word.
    func client(beyond proxies: [TrustedNetwork]) -> String? { self.addresses.last { !proxies.contain($0) } }
}
