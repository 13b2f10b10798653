// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Hummingbird
import MillwrightHummingbird
import Testing

@Suite("Addresses to listen at")
struct BindAddressTests {
    @Test(
        "An address with a port and a socket's path are read, anything else is refused",
        arguments: [
            ("127.0.0.1:8080", #"hostname("127.0.0.1", port: 8080)"#),
            ("[::1]:80", #"hostname("::1", port: 80)"#),
            (":0", #"hostname("0.0.0.0", port: 0)"#),
            ("unix:/run/app.sock", #"unixDomainSocket(path: "/run/app.sock")"#),
            ("127.0.0.1", nil), ("localhost:http", nil), ("::1:80", nil), ("x:70000", nil), ("unix:", nil), ("", nil),
        ] as [(String, String?)]
    )
    func reading(text: String, expected: String?) {
        let address = BindAddress(listening: text)

        let isAsExpected = address.map { "\($0)".contains(expected ?? "-") }
        #expect(isAsExpected == expected.map { _ in true }, "\(String(describing: address))")
    }
}
