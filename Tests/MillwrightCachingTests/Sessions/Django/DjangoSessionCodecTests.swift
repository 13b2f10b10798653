// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCaching

@Suite("Django's session data")
struct DjangoSessionCodecTests {
    private let codec = DjangoSessionCodec(secretKey: Secret("django-insecure-test-key"))

    /// Signed by Django at 1700000000.
    private static let signed: [(values: [String: JSONValue], text: String)] = [
        ([:], "e30:1r31eq:sw4BObxzkSltHfA2RpvFt_J3Nn_GqBioB9rTbTJm1kQ"),
        (
            ["_auth_user_id": .string("42")],
            "eyJfYXV0aF91c2VyX2lkIjoiNDIifQ:1r31eq:w_AAwtt8xdgloAlRuLVT0rzUV2e6Ff3eHuvU2NpfvMI"
        ),
        (
            ["n": .string("héllo ☃")],
            "eyJuIjoiaFx1MDBlOWxsbyBcdTI2MDMifQ:1r31eq:bKM3nOqL3Rq1g_aWTpjzpx2sMP6F7WmN_ZANY0IvqCw"
        ),
    ]

    @Test("What Django has signed is read, and written letter for letter", arguments: Self.signed)
    func vectors(_ signed: (values: [String: JSONValue], text: String)) {
        #expect(self.codec.decode(signed.text) == signed.values)
        #expect(self.codec.encode(signed.values, atSeconds: 1_700_000_000) == signed.text)
    }

    @Test("A compressed session is read, and what is worth compressing is compressed")
    func compressed() throws {
        let text = """
            .eJyrVopPLC3JiC8tTi2Kz0xRslIyMVLSQRZMSkzOTs0DyaRkJeal5-sl5-eVFGUm6YGU6EFli_V881NSc5ygalEMyEgszgDqTqQQAA1NTiwqUbKKrlYqzi4FmugI\
            BLqGQPHCkkolK4NaHewShrgkjHBJGOOSMMElYYpLwgyXhDkuCQtcEpa1sbUAglKGDQ:1r31eq:8zh5Oy4K8nHBRsuTWekcJq6PgHRpD-GHltEolgVUIVs
            """
        let values = try #require(self.codec.decode(text))
        #expect(values["_auth_user_id"] == .string("42"))
        #expect(values["_auth_user_hash"] == .string(String(repeating: "a", count: 64)))
        guard case .array(let cart)? = values["cart"] else {
            Issue.record("no cart")
            return
        }
        #expect(cart.count == 10)
        let written = self.codec.encode(values, atSeconds: 1_700_000_000)
        #expect(written.hasPrefix("."))
        #expect(self.codec.decode(written) == values)
    }

    @Test("An older key reads and does not sign; a changed letter makes it nobody's")
    func keys() {
        let text = Self.signed[1].text
        let rotated = DjangoSessionCodec(secretKey: Secret("new"), fallbacks: [Secret("django-insecure-test-key")])
        #expect(rotated.decode(text) == Self.signed[1].values)
        #expect(self.codec.decode(rotated.encode(["a": .int(1)], atSeconds: 0)) == nil)
        for index in text.indices where text[index] != ":" {
            var tampered = text
            tampered.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            // The last letter of a signature has two bits that say nothing.
            if index == text.index(before: text.endIndex) { continue }
            #expect(self.codec.decode(tampered) == nil, "\(tampered)")
        }
        #expect(self.codec.decode("") == nil && self.codec.decode("::") == nil)
    }
}
