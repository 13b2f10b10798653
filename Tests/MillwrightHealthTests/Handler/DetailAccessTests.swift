// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
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

    @Test(
        "What a proxy forwards is its client's, and only a trusted proxy is believed who that is",
        arguments: [
            ("10.0.0.9", nil, true), ("10.0.0.9", "8.8.8.8", false), ("10.0.0.9", "10.0.0.1", false),
            ("192.168.0.1", "10.0.0.1", true), ("192.168.0.1", "8.8.8.8", false),
            ("192.168.0.1", "10.0.0.1, 8.8.8.8", false), ("192.168.0.1", "8.8.8.8, 10.0.0.1, 192.168.0.2", true),
            ("192.168.0.1", "nonsense", false), ("192.168.0.1", "", false), ("192.168.0.1", nil, false),
        ] as [(String, String?, Bool)]
    )
    func proxies(peer: String, forwarded: String?, isAllowed: Bool) throws {
        let access = DetailAccess(
            trustedNetworks: [try #require(TrustedNetwork("10.0.0.0/8"))],
            trustedProxies: [try #require(TrustedNetwork("192.168.0.0/16"))]
        )
        var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/health_check")
        if let forwarded, let name = HTTPField.Name("X-Forwarded-For") { request.headerFields[name] = forwarded }

        #expect(access.allows(request, peer: peer) == isAllowed)
    }

    @Test(
        "A proxy that names its client in a way that is not read gets nothing",
        arguments: ["Forwarded", "X-Real-IP"]
    )
    func otherHeaders(name: String) throws {
        let network = try #require(TrustedNetwork("10.0.0.0/8"))
        var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/health_check")
        request.headerFields[try #require(HTTPField.Name(name))] = "10.0.0.1"

        #expect(!DetailAccess(trustedNetworks: [network]).allows(request, peer: "10.0.0.1"))
    }
}
