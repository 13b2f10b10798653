// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Dispatch
import MillwrightIO
import Synchronization
import Testing

@testable import MillwrightRedis

@Suite("Looking a host's name up", .timeLimit(.minutes(1)))
struct NameLookupTests {
    @Test("takes no thread for who gave up before it began")
    func givenUp() async throws {
        let threads = BlockingThreads(named: "millwright.test", limit: 1)
        let isFree = DispatchSemaphore(value: 0)
        let names = NameLookup()
        let asked = Mutex<[String]>([])
        threads.run { isFree.wait() }

        let late = await redisError {
            _ = try await names.addresses(of: "late.example", before: .after(.milliseconds(10)), on: threads) { name in
                asked.withLock { $0.append(name) }
                return []
            }
        }
        isFree.signal()
        let found = try await names.addresses(of: "next.example", before: .after(.seconds(30)), on: threads) { name in
            asked.withLock { $0.append(name) }
            return ["192.0.2.1"]
        }

        #expect(late?.code == .timedOut)
        #expect(found == ["192.0.2.1"])
        #expect(asked.withLock { $0 } == ["next.example"])
    }
}
