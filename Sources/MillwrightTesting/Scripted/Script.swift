// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// Values that are given out one after the other.
final class Script<Value: Sendable>: Sendable {
    private let rest: Mutex<ArraySlice<Value>>

    init(_ values: [Value]) { self.rest = Mutex(values[...]) }

    func next() -> Value? { self.rest.withLock { $0.popFirst() } }
}
