// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// What a command is doing right now, so that a timeout can say what it interrupted.
final class Activity: Sendable {
    private let text = Mutex<String?>(nil)

    /// "reading pg_stat_statements", or `nil` where the command said nothing.
    var current: String? {
        get { self.text.withLock { $0 } }
        set { self.text.withLock { $0 = newValue } }
    }
}
