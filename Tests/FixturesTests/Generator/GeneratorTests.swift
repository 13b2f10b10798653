// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("Generated rows")
struct GeneratorTests {
    private static let world = World(volume: Volume(scale: 0.002), seed: 1)

    /// FNV-1a over everything a table writes.
    private static func fingerprint(_ table: some GeneratedTable) -> UInt64 {
        let feed = TableFeed(table)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        while let chunk = feed.next() {
            for byte in chunk { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return hash
    }

    private static func lines(_ table: some GeneratedTable) -> [[Substring]] {
        let feed = TableFeed(table)
        var bytes: [UInt8] = []
        while let chunk = feed.next() { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    }

    @Test("The same seed gives the same bytes on every machine")
    func isDeterministic() {
        let hashes = ERP.rows(Self.world).map { Self.fingerprint($0) }

        #expect(hashes == Self.known)
    }

    // Written down once: another value means that everybody's data has changed.
    private static let known: [UInt64] = [
        0x5117_EE0A_1587_0273,
        0x4C16_BAC5_41C2_DAC9,
        0x6F34_BE40_0552_958D,
        0x93D5_4216_4D67_25E9,
        0xC7DE_DDEF_93D1_442A,
        0x70A3_48ED_7282_BDDC,
        0xF944_61AD_EF5D_59AE,
        0xC2BC_8493_A7A4_C4D2,
        0x1940_32B2_9857_97AB,
        0xB2A7_6D7B_51CC_4D74,
        0x0C96_B1E8_8F4F_9ADB,
        0xF1ED_E4E4_8C28_05C2,
        0x36E4_337F_68DC_D033,
    ]

    @Test("Another seed gives other bytes")
    func seedMatters() {
        let other = World(volume: Volume(scale: 0.002), seed: 2)

        #expect(Self.fingerprint(Tasks(world: other)) != Self.fingerprint(Tasks(world: Self.world)))
    }

    @Test("Every table makes about as many rows as it says, and rows of one width")
    func countsRows() {
        for table in ERP.rows(Self.world) {
            let lines = Self.lines(table)

            #expect(Double(lines.count) > 0.9 * Double(table.expectedRows), "\(table.name)")
            #expect(Double(lines.count) < 1.1 * Double(table.expectedRows), "\(table.name)")
            #expect(Set(lines.map(\.count)).count == 1, "\(table.name)")
        }
    }

    @Test("A few customers have most of the orders")
    func ordersAreSkewed() {
        let customers = Self.lines(SalesOrders(world: Self.world)).map { $0[2] }

        let counts = Dictionary(grouping: customers, by: \.self).values.map(\.count).sorted(by: >)

        #expect(counts.prefix(counts.count / 10).reduce(0, +) > customers.count / 2)
    }

    @Test("Numbers and times of creation rise together")
    func createdFollowsNumber() {
        let created = Self.lines(StockTransactions(world: Self.world)).map { $0[6] }

        #expect(created == created.sorted())
    }

    @Test("Most tasks have no assignee, and most are done")
    func tasksAreSparse() {
        let tasks = Self.lines(Tasks(world: Self.world))

        let unassigned = Double(tasks.filter { $0[2] == "\\N" }.count) / Double(tasks.count)
        let done = Double(tasks.filter { $0[5] == "done" }.count) / Double(tasks.count)

        #expect(unassigned > 0.55 && unassigned < 0.65)
        #expect(done > 0.75 && done < 0.81)
    }

    @Test("A task's workspace is its project's in every table")
    func relationsAgree() {
        let projects = Dictionary(
            uniqueKeysWithValues: Self.lines(Projects(world: Self.world)).map { ($0[0], $0[1]) }
        )
        let tasks = Dictionary(uniqueKeysWithValues: Self.lines(Tasks(world: Self.world)).map { ($0[0], $0[1]) })
        let activities = Self.lines(Activities(world: Self.world)).filter { $0[2] != "\\N" }

        #expect(activities.allSatisfy { row in tasks[row[2]].flatMap { projects[$0] } == row[1] })
    }
}
