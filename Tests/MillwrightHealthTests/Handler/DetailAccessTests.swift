// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightHealth

@Suite("Access to details")
struct DetailAccessTests {
    @Test(
        "Networks are read with and without a length, IPv4 and IPv6",
        arguments: [
            ("10.0.0.0/8", "10.255.1.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("192.168.1.77", "192.168.1.77", true),
            ("192.168.1.77", "192.168.1.78", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false), ("10.1.2.128/25", "10.1.2.127", false),
            ("10.0.0.0/8", "not an address", false), ("10.0.0.0/8", "::ffff:10.0.0.9", true),
        ]
    )
    func networks(network: String, peer: String, contains: Bool) throws {
        #expect(try #require(TrustedNetwork(network)).contains(peer) == contains)
    }

    @Test(
        "What is no network is refused",
        arguments: ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129"]
    )
    func malformed(text: String) {
        #expect(TrustedNetwork(text) == nil)
    }

    @Test("Tokens are equal only whole")
    func tokens() {
        #expect(DetailAccess.areEqual("abc", "abc"))
        for wrong in ["", "ab", "abd", "abcabc", "abca", "ABC"] { #expect(!DetailAccess.areEqual(wrong, "abc")) }
    }
}
