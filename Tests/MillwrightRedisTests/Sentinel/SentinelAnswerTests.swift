// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("The words of a Sentinel")
struct SentinelAnswerTests {
    private func words(_ words: String...) -> RedisValue { .array(words.map { .bulk(Array($0.utf8)) }) }

    @Test("name the primary, the epoch and the other Sentinels")
    func reads() throws {
        let answer = try SentinelAnswer([
            self.words("10.0.0.1", "6379"), self.words("name", "main", "config-epoch", "7"),
            .array([self.words("ip", "10.0.0.2", "port", "26379"), self.words("name", "no address")]),
        ])

        #expect(answer.primary == .init(primary: .tcp(host: "10.0.0.1", port: 6_379), epoch: 7))
        #expect(answer.others == [.tcp(host: "10.0.0.2", port: 26_379)])
    }

    @Test("name nobody where the name is not known")
    func unknownName() throws {
        let unknown = RedisValue.error(RedisError(server: "ERR No such master with that name"))

        #expect(try SentinelAnswer([.null, unknown, unknown]).primary == nil)
    }

    @Test("are an error where it refuses")
    func refuses() {
        let refusal = RedisError(server: "NOPERM this user has no permissions")

        #expect(throws: refusal) { try SentinelAnswer([.error(refusal), .null, .null]) }
    }

    @Test("are not believed where they are no address", arguments: [["h", "0"], ["h", "x"], ["", "1"], ["h"]])
    func noAddress(words: [String]) {
        let address = RedisValue.array(words.map { .bulk(Array($0.utf8)) })

        #expect(throws: RedisError.self) { try SentinelAnswer([address, .null, .null]) }
    }

    @Test("announce a failover")
    func announces() throws {
        let announcement = try #require(SwitchAnnouncement("main 10.0.0.1 6379 10.0.0.2 6380"))

        #expect(announcement.name == "main")
        #expect(announcement.old == .tcp(host: "10.0.0.1", port: 6_379))
        #expect(announcement.new == .tcp(host: "10.0.0.2", port: 6_380))
        #expect(SwitchAnnouncement("main 10.0.0.1 6379") == nil)
    }

    @Test(
        "of a server about itself let in primaries, and those whose user may not ask",
        arguments: [
            ("master", true), ("slave", false),
        ]
    )
    func role(kind: String, isPrimary: Bool) throws {
        let rest: [RedisValue] =
            isPrimary
            ? [.integer(0), .array([])]
            : [.bulk(Array("h".utf8)), .integer(1), .bulk(Array("connected".utf8)), .integer(0)]
        let role = RedisValue.array([.bulk(Array(kind.utf8))] + rest)

        if isPrimary {
            try role.requirePrimary()
        } else {
            #expect { try role.requirePrimary() } throws: { ($0 as? RedisError)?.code == .noPrimary }
        }
        try RedisValue.error(RedisError(server: "NOPERM no")).requirePrimary()
    }
}
