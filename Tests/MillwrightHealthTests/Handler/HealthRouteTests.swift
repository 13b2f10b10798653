// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import Testing

@testable import MillwrightHealth

@Suite("Health routes")
struct HealthRouteTests {
    @Test(
        "Noise around the path changes nothing",
        arguments: [
            "/readyz", "/readyz/", "/readyz//", "/readyz?", "/readyz?a=b/c", "/readyz/?x", "/readyz#f",
            "http://10.0.0.1:8080/readyz", "http://h/readyz/?q",
        ]
    )
    func noise(target: String) {
        #expect(HealthRoute.face(method: .get, target: target) == .readyz)
    }

    @Test(
        "Other paths are none of ours",
        arguments: ["/", "", "/readyzz", "/x/readyz", "/READYZ", "/readyz.json", "//readyz", "http://h"]
    )
    func others(target: String) {
        #expect(HealthRoute.face(method: .get, target: target) == nil)
        #expect(HealthRoute.face(method: .get, target: nil) == nil)
    }

    @Test("HAProxy's plain check asks for everything", arguments: ["/", "*"])
    func haproxy(target: String) {
        #expect(HealthRoute.face(method: .options, target: target) == .health)
        #expect(HealthRoute.face(method: .head, target: target) == nil)
    }
}
