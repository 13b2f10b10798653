// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A network whose clients may see details: `10.0.0.0/8`, `::1`.
public struct TrustedNetwork: Sendable, Hashable {
    private let address: [UInt8]
    private let bits: Int

    /// Reads an address with or without a prefix length, IPv4 or IPv6; `nil` where it is neither.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Self.bytes(of: String(first)) else { return nil }
        let maximum = address.count * 8
        guard let bits = parts.count == 1 ? maximum : Int(parts[1]), (0...maximum).contains(bits) else { return nil }
        self.address = address
        self.bits = bits
    }

    /// Whether an address lies in the network.
    ///
    /// An IPv4 client of a dual-stack socket (`::ffff:10.0.0.1`) counts as IPv4.
    public func contains(_ peer: String) -> Bool {
        guard let peer = Self.bytes(of: peer), peer.count == self.address.count else { return false }
        for index in 0..<self.address.count {
            let kept = min(8, max(0, self.bits - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
            if peer[index] & mask != self.address[index] & mask { return false }
        }
        return true
    }

    private static func bytes(of text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: &six) { Array($0) }
        let mapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return mapped ? Array(bytes[12...]) : bytes
    }
}
