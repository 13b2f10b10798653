// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Transaction ID age and the vacuum horizon")
struct HorizonTests {
    private func verdict(_ age: Int, multixact: Int = 0, name: String = "erp") -> Verdict {
        TransactionIDAge().verdict(
            on: .init(
                databases: [.init(name: name, transactionAge: age, multixactAge: multixact)],
                tables: [.init(name: "public.old", transactionAge: age, multixactAge: multixact)],
                current: "erp"
            )
        )
    }

    @Test(
        "Reaching autovacuum_freeze_max_age is no alarm, going far beyond it is",
        arguments: [
            (200_000_000, []), (290_000_000, []), (310_000_000, ["vacuum.W012 erp"]),
            (1_080_000_000, ["vacuum.W010 erp"]),
            (1_720_000_000, ["vacuum.C011 erp"]),
        ]
    )
    func ages(age: Int, marks: [String]) {
        #expect(self.verdict(age).marks == marks)
    }

    @Test("Multixact ids run out on their own")
    func multixacts() {
        #expect(self.verdict(10, multixact: 1_100_000_000).marks == ["vacuum.W010 erp (multixact ids)"])
    }

    @Test("The oldest tables are frozen here; another database has to be connected to")
    func remedies() {
        #expect(self.verdict(1_100_000_000).findings[0].remedy?.commands == ["VACUUM (FREEZE) public.old;"])
        #expect(
            self.verdict(1_100_000_000, name: "other").findings[0].remedy?.commands == [
                "\\connect other", "VACUUM (FREEZE);",
            ]
        )
    }

    private func holder(_ kind: XminHorizon.Kind, age: Int = 2_000_000, isAbandoned: Bool = false) -> XminHorizon.Holder
    {
        XminHorizon.Holder(kind: kind, name: "it's", age: age, isAbandoned: isAbandoned)
    }

    @Test(
        "Each kind of holder has its own id and its own way to end it",
        arguments: [
            (XminHorizon.Kind.session, "vacuum.W030", true), (.prepared, "vacuum.W031", true),
            (.slot, "vacuum.W032", false), (.standby, "vacuum.W033", false),
        ]
    )
    func kinds(kind: XminHorizon.Kind, id: String, hasCommand: Bool) {
        let finding = XminHorizon().verdict(on: .init(holders: [self.holder(kind)])).findings[0]

        #expect(finding.id == id)
        #expect(finding.remedy?.commands.isEmpty == !hasCommand)
    }

    @Test("Only a slot that nobody reads is proposed to be dropped, its name quoted")
    func slots() {
        let dropped = XminHorizon().verdict(on: .init(holders: [self.holder(.slot, isAbandoned: true)])).findings[0]

        #expect(dropped.remedy?.commands == ["SELECT pg_drop_replication_slot('it''s');"])
    }

    @Test("A young horizon holds nothing back, unless it lasts")
    func young() {
        var young = self.holder(.session, age: 10)
        #expect(XminHorizon().verdict(on: .init(holders: [young])).marks == [])
        young.seconds = 4000
        #expect(XminHorizon().verdict(on: .init(holders: [young])).marks == ["vacuum.W030 session it's"])
    }

    @Test("Who may not see sessions does not know that there is none, but knows a slot that he sees")
    func hidden() {
        let blind = XminHorizon().verdict(on: .init(holders: [], seesSessions: false, role: "weak"))

        #expect(
            blind
                == .unknown(
                    reason: "The role weak may not see what other sessions hold.",
                    cure: "GRANT pg_monitor TO weak;"
                )
        )
        #expect(XminHorizon().verdict(on: .init(holders: [self.holder(.slot)], seesSessions: false)).marks.count == 1)
    }
}
