// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

package import MillwrightCore

/// How a pool behaves.
@usableFromInline
package struct PoolConfiguration: Sendable {
    /// The bounds it keeps.
    package var limits: PoolLimits
    /// How long a caller waits in the queue.
    @usableFromInline package var acquireTimeout: Duration
    /// How long a server may take to say that an idle connection is still there, before another is opened: a caller who has little
    /// time for a connection has it for the opening.
    package var checkTimeout: Duration
    /// How long the background waits after a failure before it tries again to open the minimum.
    package var backoff = Backoff(base: .milliseconds(500), cap: .seconds(10))

    /// What it is called, and where it tells how it does.
    package var observation: PoolObservation

    package init(_ limits: PoolLimits, acquireTimeout: Duration, observation: PoolObservation = PoolObservation()) {
        self.limits = limits
        self.acquireTimeout = acquireTimeout
        self.checkTimeout = max(.milliseconds(50), min(.seconds(1), acquireTimeout / 4))
        self.observation = observation
    }
}
