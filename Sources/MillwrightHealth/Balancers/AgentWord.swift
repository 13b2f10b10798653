// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a node answers to HAProxy's `agent-check`.
///
/// `ready` takes back a `drain` that an earlier process of the same server has said.
enum AgentWord: String, Sendable, Hashable {
    case up = "up ready"
    case down
    case drain

    /// The word for the node's readiness.
    init(_ snapshot: HealthSnapshot) {
        switch snapshot.phase {
        case .draining: self = .drain
        case .starting: self = .down
        case .serving: self = snapshot.status(of: .readyz) == .fail ? .down : .up
        }
    }
}

extension HealthEngine {
    /// The line that HAProxy's `agent-check` is answered with: `up ready`, `drain`, or `down` and why (`down #disk.full`).
    public var agentLine: String {
        let snapshot = self.snapshot()
        let word = AgentWord(snapshot)
        let codes = word == .down ? snapshot.codes(of: .readyz) : []
        return word.rawValue + (codes.isEmpty ? "" : " #" + codes.joined(separator: ",")) + "\n"
    }
}
