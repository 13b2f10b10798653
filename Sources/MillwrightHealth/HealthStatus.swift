// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How a check, or everything together, is: the three words that load balancers and people share.
public enum HealthStatus: String, Sendable, Hashable, CaseIterable, Comparable {
    /// All is well.
    case pass
    /// It works, but somebody should look; a load balancer keeps sending requests.
    case warn
    /// It does not work; a load balancer sends requests elsewhere.
    case fail

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Orders by how bad it is, best first.
    public static func < (one: HealthStatus, other: HealthStatus) -> Bool { one.rank < other.rank }
}

/// What a failing check means for the node that runs it.
public enum HealthCriticality: String, Sendable, Hashable, CaseIterable {
    /// This node cannot serve: its failure fails readiness. For what is local to a node (disk, memory, stalled loop).
    case critical
    /// No node can serve without it, and all share it: it fails readiness, except on the last server of a farm
    /// (``BalancerRules``).
    case shared
    /// The node still serves something: a failure is a warning. For what all nodes share (PostgreSQL, Redis): failing
    /// there would take every node out at once.
    case degrading
    /// Shown, and without effect on the status.
    case informational

    /// What a check's status counts for in the whole.
    func effect(of status: HealthStatus) -> HealthStatus {
        switch self {
        case .critical, .shared: status
        case .degrading: min(status, .warn)
        case .informational: .pass
        }
    }
}
