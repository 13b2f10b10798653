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

    private struct Score {
        var lost = Duration.zero
        var beatBegan = ContinuousClock.now

        /// By how much the beat under way is late.
        var late: Duration {
            let late = self.beatBegan.duration(to: .now) - Metronome.beat
            return late > Metronome.tolerance ? late : .zero
        }
    }

    private let score = Mutex(Score())

    /// Starts to beat, for as long as somebody has it.
    init() {
        Thread.detachNewThread { [weak self] in
            while true {
                Thread.sleep(forTimeInterval: Self.beat / .seconds(1))
                guard let self else { return }
                self.score.withLock { score in
                    score.lost += score.late
                    score.beatBegan = .now
                }
            }
        }
    }

    /// By how much all beats were too long, the one under way included; what lies between two readings was lost between them.
    var stoodStill: Duration { self.score.withLock { $0.lost + $0.late } }
}
