// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Synchronization

/// Says how far something long is: a bar on a terminal, a line for each new step elsewhere where `-v` is at least 2.
final class ProgressBar: Sendable {
    private struct State {
        var step = ""
        var drawnAt: ContinuousClock.Instant?
        var isDrawn = false
    }

    private static let width = 30
    private let context: CommandContext
    private let state = Mutex(State())

    init(_ context: CommandContext) { self.context = context }

    /// Shows how far it is; `detail` follows the step.
    func show(_ step: String, share: Double, detail: String = "") {
        let isTerminal = self.context.stderr.isTerminal && self.context.globals.verbosity > 0
        let now = ContinuousClock.now
        let line: String? = self.state.withLock { state in
            let isNew = state.step != step
            let isDue = state.drawnAt.map { now - $0 >= .milliseconds(100) } ?? true
            guard isNew || (isTerminal && isDue) else { return nil }
            state = State(step: step, drawnAt: now, isDrawn: isTerminal)
            return isTerminal ? Self.bar(step, share: share, detail: detail) : step
        }
        guard let line else { return }
        if isTerminal {
            self.context.stderr.write("\r\u{1B}[K\(line)")
            self.context.stderr.flush()
        } else {
            self.context.say("\(Units.text(share: share)) \(line)", from: 2)
        }
    }

    /// Takes the bar away, so that what follows begins on a clean line.
    func finish() {
        guard self.state.withLock({ $0.isDrawn }) else { return }
        self.context.stderr.write("\r\u{1B}[K")
        self.context.stderr.flush()
    }

    /// One line: `[████░░░░]  43 % erp_orderitem, 1,200,000 rows`.
    static func bar(_ step: String, share: Double, detail: String) -> String {
        let full = Int((max(0, min(1, share)) * Double(Self.width)).rounded(.down))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.width - full)
        let percent = String(Int((max(0, min(1, share)) * 100).rounded(.down)))
        let padding = String(repeating: " ", count: 3 - percent.count)
        return "\(bar) \(padding)\(percent) % \(step)\(detail.isEmpty ? "" : ", \(detail)")"
    }
}
