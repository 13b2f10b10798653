// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Blocked queries and idle transactions")
struct LocksTests {
    private func waiter(_ pid: Int, behind blockers: Int..., seconds: Double = 10, mode: String = "ShareLock")
        -> BlockedQueries.Waiter
    {
        BlockedQueries.Waiter(pid: pid, blockers: blockers, seconds: seconds, mode: mode, relation: "public.t")
    }

    @Test("All that wait behind an ALTER TABLE wait for whoever it waits for")
    func forest() {
        let forest = BlockingForest([
            self.waiter(2, behind: 1), self.waiter(3, behind: 2), self.waiter(4, behind: 2, 1),
            self.waiter(9, behind: 8),
        ])

        #expect(forest.roots == [.init(pid: 1, victims: [2, 3, 4]), .init(pid: 8, victims: [9])])
    }

    @Test("A circle has no root and ends the walk")
    func circle() {
        #expect(BlockingForest([self.waiter(1, behind: 2), self.waiter(2, behind: 1)]).roots == [])
        #expect(
            BlockingForest([self.waiter(2, behind: 1, 3), self.waiter(3, behind: 2)]).roots.map(\.victims) == [[2, 3]]
        )
    }

    @Test("The finding is about the root; taking the ALTER out of the queue is said to free the others")
    func finding() {
        let finding = BlockedQueries().verdict(
            on: .init(
                waiters: [self.waiter(2, behind: 1, mode: "AccessExclusiveLock"), self.waiter(3, behind: 2)],
                sessions: [.init(pid: 1, state: "idle in transaction")]
            )
        ).findings[0]

        #expect(finding.subject == "session 1")
        #expect(finding.remedy?.commands == ["SELECT pg_terminate_backend(1);"])
        #expect(finding.remedy?.advice.contains("session 2") == true)
    }

    @Test(
        "A session at work is cancelled, not ended; a prepared transaction has no session; a short wait is no finding"
    )
    func remedies() {
        let active = BlockedQueries().verdict(on: .init(waiters: [self.waiter(2, behind: 1)]))
        let prepared = BlockedQueries().verdict(on: .init(waiters: [self.waiter(2, behind: 0)]))

        #expect(active.findings[0].remedy?.commands == ["SELECT pg_cancel_backend(1);"])
        #expect(prepared.marks == ["locks.W001 a prepared transaction"])
        #expect(prepared.findings[0].remedy?.commands == [])
        #expect(BlockedQueries().verdict(on: .init(waiters: [self.waiter(2, behind: 1, seconds: 1)])).marks == [])
    }

    @Test("Ten that wait are an error")
    func many() {
        let waiters = (2...11).map { self.waiter($0, behind: 1) }

        #expect(BlockedQueries().verdict(on: .init(waiters: waiters)).marks == ["locks.E002 session 1"])
    }

    @Test("A session that is idle in its transaction for a minute is named with its role")
    func idle() {
        let session = { (seconds: Double) in
            IdleTransactions.Session(pid: 5, user: "My App", state: "idle in transaction", idleSeconds: seconds)
        }
        let finding = IdleTransactions().verdict(on: .init(sessions: [session(61)])).findings[0]

        #expect(finding.subject == "session 5")
        #expect(
            finding.remedy?.commands.last == "ALTER ROLE \"My App\" SET idle_in_transaction_session_timeout = '5min';"
        )
        #expect(IdleTransactions().verdict(on: .init(sessions: [session(59)])).marks == [])
        guard case .unknown = IdleTransactions().verdict(on: .init(sessions: [], seesSessions: false)) else {
            Issue.record("It should not know.")
            return
        }
    }
}
