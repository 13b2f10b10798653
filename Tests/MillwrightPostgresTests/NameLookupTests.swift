// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Dispatch
import MillwrightIO
import Synchronization
import Testing

@testable import MillwrightPostgres

@Suite("Looking a host's name up", .timeLimit(.minutes(1)))
struct NameLookupTests {
    @Test("takes no thread for who gave up before it began")
    func givenUp() async {
        let threads = BlockingThreads(named: "millwright.test", limit: 1)
        let isFree = DispatchSemaphore(value: 0)
        let isOver = Atomic(false)
        let isAsked = Atomic(false)
        threads.run { isFree.wait() }

        NameLookup.resolve("127.0.0.1", on: threads, unless: { isOver.load(ordering: .relaxed) }) { _ in
            isAsked.store(true, ordering: .relaxed)
        }
        isOver.store(true, ordering: .relaxed)
        let found = await withCheckedContinuation { continuation in
            NameLookup.resolve("127.0.0.1", on: threads, unless: { false }) { continuation.resume(returning: $0) }
            isFree.signal()
        }
        let wasAsked = isAsked.load(ordering: .relaxed)

        #expect(found == ["127.0.0.1"])
        #expect(!wasAsked)
    }
}
