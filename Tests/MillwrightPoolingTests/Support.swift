// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPooling
import Synchronization
import Testing

extension PoolConfiguration {
    /// A pool that waits long and checks nothing, but for what a test asks for.
    static func test(
        minimum: Int = 0,
        maximum: Int = 4,
        maximumWaiting: Int = 100,
        acquireTimeout: Duration = .seconds(30),
        maximumAge: Duration? = nil,
        idleTimeout: Duration? = nil,
        checkAfter: Duration = .seconds(600)
    ) -> PoolConfiguration {
        var configuration = PoolConfiguration(
            PoolLimits(
                minimum: minimum,
                maximum: maximum,
                maximumWaiting: maximumWaiting,
                maximumAge: maximumAge,
                idleTimeout: idleTimeout,
                checkAfter: checkAfter
            ),
            acquireTimeout: acquireTimeout
        )
        configuration.backoff = Backoff(base: .milliseconds(5), cap: .milliseconds(5))
        return configuration
    }
}

/// Waits until `condition` holds; the suite's time limit bounds it.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
}

/// Numbers in the order in which they came.
final class Order: Sendable {
    private let all = Mutex<[Int]>([])
    var numbers: [Int] { self.all.withLock { $0 } }
    func append(_ number: Int) { self.all.withLock { $0.append(number) } }
}
