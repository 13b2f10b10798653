// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("Putting answers together")
struct ReplyAssemblyTests {
    @Test("makes a map of keys and values in turn, also within an array")
    func maps() {
        let assembly = ReplyAssembly()

        assembly.open(.array, count: 2)
        assembly.open(.map, count: 4)
        for value in [RedisValue.status("a"), .integer(1), .status("b"), .double(0.5)] { assembly.add(value) }
        assembly.open(.map, count: 0)

        let map = RedisValue.map([
            .init(key: .status("a"), value: .integer(1)), .init(key: .status("b"), value: .double(0.5)),
        ])
        #expect(assembly.take() == .array([map, .map([])]))
        #expect(assembly.take() == nil)
    }

    @Test("tells sets and pushes from arrays")
    func kinds() {
        let assembly = ReplyAssembly()

        assembly.open(.set, count: 1)
        assembly.add(.integer(1))
        #expect(assembly.take() == .set([.integer(1)]))
        assembly.open(.push, count: 0)
        #expect(assembly.take() == .push([]))
    }

    @Test("leaves out what a server says about an answer")
    func attributes() {
        let assembly = ReplyAssembly()

        assembly.open(.attribute, count: 2)
        assembly.add(.status("ttl"))
        assembly.add(.integer(60))
        #expect(assembly.take() == nil)
        assembly.add(.integer(7))
        #expect(assembly.take() == .integer(7))
    }
}
