// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What HAProxy tells a server about itself and its farm: `X-Haproxy-Server-State`, sent with `http-check send-state`.
///
/// `UP 2/3; name=app/app1; node=lb1; weight=1/2; scur=13/22; qcur=0`
struct FarmState: Sendable, Hashable {
    /// Whether the balancer sends requests to this server.
    var isUsable: Bool
    /// This server's share.
    var weight: Int
    /// The shares of all servers that are usable now.
    var totalWeight: Int

    /// Reads the header's value; `nil` where it does not say what is needed.
    init?(_ header: String) {
        let parts = header.split(separator: ";").map { $0.drop { $0 == " " } }
        guard let state = parts.first, let weights = parts.first(where: { $0.hasPrefix("weight=") }) else { return nil }
        let numbers = weights.dropFirst("weight=".count).split(separator: "/").map { Int($0) }
        guard numbers.count == 2, let weight = numbers[0], let total = numbers[1], weight >= 0, total >= 0 else {
            return nil
        }
        self.isUsable = state.hasPrefix("UP") || state.hasPrefix("no check")
        self.weight = weight
        self.totalWeight = total
    }

    /// Whether no other server of the farm takes requests.
    ///
    /// A server that is out counts as the last one when nobody is in: a farm of one that fails serves more than none.
    var isLast: Bool { self.isUsable ? self.weight > 0 && self.totalWeight <= self.weight : self.totalWeight == 0 }
}
