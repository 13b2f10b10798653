// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Synchronization

/// Counts one process's reads of an alias, by key group, until they are flushed to Redis.
///
/// The groups are bounded: an application that puts an id where its group belongs must not fill the memory of every
/// process and of Redis, so whatever comes after the first `maximumGroups` is counted as `other`.
public final class HitCounters: Sendable {
    /// The group that counts what does not fit.
    public static let overflowGroup = "other"

    /// What became of one read.
    public enum Outcome: Sendable {
        /// The cache answered.
        case hit
        /// The cache had nothing.
        case miss
        /// The read failed.
        case error
    }

    private struct State {
        var known: Set<String> = []
        var pending: [String: ReadCounts] = [:]
    }

    private let state = Mutex(State())
    private let maximumGroups: Int

    /// Creates counters for at most so many groups.
    public init(maximumGroups: Int = 64) { self.maximumGroups = maximumGroups }

    /// Counts one read of a key.
    public func record(_ outcome: Outcome, key: String) {
        let group = KeyLayout.group(of: key)
        self.state.withLock { state in
            let label = Self.label(group, known: &state.known, maximum: self.maximumGroups)
            switch outcome {
            case .hit: state.pending[label, default: ReadCounts()].hits += 1
            case .miss: state.pending[label, default: ReadCounts()].misses += 1
            case .error: state.pending[label, default: ReadCounts()].errors += 1
            }
        }
    }

    /// Takes what was counted since the last time.
    public func take() -> [String: ReadCounts] {
        self.state.withLock { state in
            defer { state.pending = [:] }
            return state.pending
        }
    }

    /// Puts back what could not be flushed, so that an outage of Redis loses no count.
    public func putBack(_ counts: [String: ReadCounts]) {
        self.state.withLock { $0.pending.merge(counts, uniquingKeysWith: +) }
    }

    private static func label(_ group: String, known: inout Set<String>, maximum: Int) -> String {
        if known.contains(group) { return group }
        guard known.count < maximum, !group.isEmpty, group.utf8.count <= 64 else { return Self.overflowGroup }
        known.insert(group)
        return group
    }
}
