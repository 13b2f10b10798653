// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCaching

@Suite("Base 64 for URLs")
struct Base64URLTests {
    @Test(
        "The vectors of RFC 4648, without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(_ plain: String, _ text: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == text)
        #expect(Base64URL.decode(text) == Array(plain.utf8))
    }

    @Test("The letters are those of URLs, and no others are read")
    func letters() {
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64URL.isEveryLetter(of: "AZaz09-_") && !Base64URL.isEveryLetter(of: "Zg=="))
        for bad in ["Zg==", "Z", "+/8", "Zé"] { #expect(Base64URL.decode(bad) == nil, "\(bad)") }
    }

    @Test("The key of an id is its SHA-256, and an id that nobody could have drawn is none")
    func keys() {
        #expect(Base64URL.digest(of: "abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")
        let id = SessionID()
        #expect(SessionID(cookie: id.text) == id && id.key == Base64URL.digest(of: id.text))
        let (one, two) = (String(id.text.dropFirst()), String(id.text.dropFirst(2)))
        for bad in ["", one, id.text + "A", "é" + two, "=" + one] { #expect(SessionID(cookie: bad) == nil, "\(bad)") }
    }
}
