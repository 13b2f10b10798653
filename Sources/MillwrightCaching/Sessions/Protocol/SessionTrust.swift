// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What all nodes agree on about the fast copy of the sessions: one row in PostgreSQL.
///
/// Its phases only go one way, and every round has a generation of its own:
/// rebuilding 1, trusted 1, suspect 1, rebuilding 2, trusted 2 …
/// Keys in Redis carry the generation, so that whatever was written in an earlier one is out of reach.
public struct SessionTrust: Sendable, Hashable {
    /// How far the copy may be used.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Writers keep the copy right; readers ask PostgreSQL.
        case rebuilding
        /// Readers ask the copy first.
        case trusted
        /// Nobody uses the copy.
        case suspect
    }

    /// Who decides about it.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// The nodes: it is used again when every node that lives reaches the same Redis.
        case auto
        /// An operator: it is used again as soon as one node reaches Redis, whatever the others say.
        case redis
        /// An operator: it is not used.
        case database
    }

    /// The number of the round.
    public var generation: Int
    /// How far the copy may be used.
    public var phase: Phase
    /// Who decides about it.
    public var mode: Mode
    /// The run of the Redis server that the copy is in (`run_id`); a restarted server has another, and so has a promoted replica.
    public var serverID: String?
    /// For how long a node may rely on having read this row.
    public var lease: Duration
    /// Whether PostgreSQL was started since the generation began: promoted, restored or just started anew.
    ///
    /// Nobody can tell whether it still has every write that the copy has.
    public var isOfEarlierRun: Bool
    /// When the PostgreSQL that showed the row was started, in microseconds since 1970: another one is another run.
    var databaseRun = 0

    /// Creates what the row says.
    public init(
        generation: Int,
        phase: Phase,
        mode: Mode = .auto,
        serverID: String? = nil,
        lease: Duration,
        isOfEarlierRun: Bool = false
    ) {
        self.generation = generation
        self.phase = phase
        self.mode = mode
        self.serverID = serverID
        self.lease = lease
        self.isOfEarlierRun = isOfEarlierRun
    }

    /// How far it has come: a row with a smaller number is older news.
    var progress: Int {
        let step =
            switch self.phase {
            case .rebuilding: 0
            case .trusted: 1
            case .suspect: 2
            }
        return self.generation * 3 + step
    }
}
