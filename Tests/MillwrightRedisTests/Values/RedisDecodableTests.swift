// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("An answer")
struct RedisDecodableTests {
    private func bulk(_ text: String) -> RedisValue { .bulk(Array(text.utf8)) }

    @Test("reads the kinds of the newer protocol like those of the older")
    func newKinds() throws {
        #expect(try RedisValue.double(1.5).decode(as: Double.self) == 1.5)
        #expect(try RedisValue.bool(true).decode(as: Bool.self))
        #expect(try RedisValue.bool(false).decode(as: Bool.self) == false)
        #expect(try RedisValue.bigNumber("42").decode(as: Int.self) == 42)
        #expect(try RedisValue.verbatim(format: "txt", Array("text".utf8)).decode(as: String.self) == "text")
        #expect(try RedisValue.set([.integer(1), .integer(2)]).decode(as: [Int].self) == [1, 2])
        let map = RedisValue.map([.init(key: self.bulk("a"), value: .integer(1))])
        #expect(try map.decode(as: [String: Int].self) == ["a": 1])
        #expect(throws: RedisError.self) { try map.decode(as: [Int].self) }
    }

    @Test("is read as the type that is asked for")
    func reads() throws {
        #expect(try RedisValue.integer(7).decode(as: Int.self) == 7)
        #expect(try self.bulk("-7").decode(as: Int.self) == -7)
        #expect(try self.bulk("1.5").decode(as: Double.self) == 1.5)
        #expect(try RedisValue.integer(2).decode(as: Double.self) == 2)
        #expect(try RedisValue.status("OK").decode(as: Bool.self))
        #expect(try RedisValue.integer(0).decode(as: Bool.self) == false)
        #expect(try self.bulk("ü").decode(as: String.self) == "ü")
        #expect(try RedisValue.null.decode(as: String?.self) == nil)
        #expect(try RedisValue.bulk([0xFF]).decode(as: [UInt8].self) == [0xFF])
        #expect(try RedisValue.array([.null, .bulk([1])]).decode(as: [[UInt8]?].self) == [nil, [1]])
        #expect(try RedisValue.array([self.bulk("a"), .integer(1)]).decode(as: [String: Int].self) == ["a": 1])
        #expect(try RedisValue.array([.integer(255)]).elements?.first?.decode(as: UInt8.self) == 255)
    }

    @Test("is refused as another type, without being quoted")
    func refuses() {
        let wrong: [() throws -> Void] = [
            { _ = try self.bulk("secret").decode(as: Int.self) }, { _ = try RedisValue.null.decode(as: String.self) },
            { _ = try RedisValue.bulk([0xC3, 0x28]).decode(as: String.self) },
            { _ = try RedisValue.integer(2).decode(as: Bool.self) },
            { _ = try RedisValue.integer(256).decode(as: UInt8.self) },
            { _ = try RedisValue.array([.null]).decode(as: [String: String].self) },
            { _ = try RedisValue.integer(1).decode(as: [String].self) },
            { _ = try RedisValue.array([]).decode(as: [UInt8].self) },
            { _ = try self.bulk("secret").decode(as: Double.self) },
        ]

        for body in wrong {
            let error = #expect(throws: RedisError.self) { try body() }
            #expect(error?.code == .decodingFailed)
            #expect(error?.debugDescription.contains("secret") == false)
        }
    }
}
