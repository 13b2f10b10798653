// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Synchronization

/// Knows for how long the whole machine stood still: a thread of its own, which nothing of ours can hold up, sleeps for short beats
/// and notes by how much they were too long.
final class Metronome: Sendable {
    private static let beat = Duration.milliseconds(20)
    /// A beat that is later by less was merely scheduled late.
    private static let tolerance = Duration.milliseconds(200)

    private let lost = Mutex(Duration.zero)

    /// Starts to beat, for as long as somebody has it.
    init() {
        Thread.detachNewThread { [weak self] in
            while true {
                let began = ContinuousClock.now
                Thread.sleep(forTimeInterval: Self.beat / .seconds(1))
                let late = began.duration(to: .now) - Self.beat
                guard let self else { return }
                if late > Self.tolerance { self.lost.withLock { $0 += late } }
            }
        }
    }

    /// The sum of all beats that were too long; what lies between two readings was lost between them.
    var stoodStill: Duration { self.lost.withLock { $0 } }
}
