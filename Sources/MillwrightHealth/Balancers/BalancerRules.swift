// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes

/// What a node tells load balancers beyond how it is.
///
/// ```swift
/// let rules = BalancerRules(drainMode: .status404, balancers: [TrustedNetwork("10.0.0.1")].compactMap { $0 })
/// let handler = HealthHandler(try HealthEngine([MemoryHealth()]), rules: rules)
/// ```
public struct BalancerRules: Sendable, Hashable {
    /// How a node that drains says so.
    public var drainMode: DrainMode
    /// The balancers whose word about the farm is believed; HAProxy gives it with `http-check send-state`.
    public var balancers: [TrustedNetwork]

    /// Creates rules; what is left out is ordinary.
    public init(drainMode: DrainMode = .status503, balancers: [TrustedNetwork] = []) {
        self.drainMode = drainMode
        self.balancers = balancers
    }
}

/// How an answer departs from what the checks say.
enum Stance: Sendable, Hashable {
    /// It does not.
    case ordinary
    /// The node leaves, and says so with 404.
    case leaving
    /// The node leaves, and its agent says so: those who ask over HTTP are answered as while it served.
    case staying
    /// What fails is shared by all nodes, and this is the last one: it stays.
    case lastInFarm
}

extension BalancerRules {
    /// The stance of one answer; decided by the request only where a balancer says that nobody else is left.
    func stance(
        of snapshot: HealthSnapshot,
        _ face: HealthFace,
        _ request: HTTPRequest,
        peer: @autoclosure () -> String?
    ) -> Stance {
        switch (snapshot.phase, face) {
        case (_, .livez), (_, .startupz), (.starting, _): return .ordinary
        case (.draining, _):
            return self.drainMode == .status404 ? .leaving : self.drainMode == .agent ? .staying : .ordinary
        case (.serving, _): break
        }
        guard !self.balancers.isEmpty, let name = Self.header, let value = request.headerFields[name],
            let peer = peer(), self.balancers.contains(where: { $0.contains(peer) }),
            let farm = FarmState(value), farm.isLast,
            snapshot.status(of: face) == .fail, snapshot.failsOnlyInShared(face)
        else { return .ordinary }
        return .lastInFarm
    }

    private static let header = HTTPField.Name("X-Haproxy-Server-State")
}

extension HealthSnapshot {
    fileprivate func failsOnlyInShared(_ face: HealthFace) -> Bool {
        self.entries(of: face).allSatisfy { $0.effect != .fail || $0.criticality == .shared }
    }

    /// The snapshot as a node tells it whose agent has it drained: the checks decide, and a warning says that it drains.
    var asStaying: HealthSnapshot {
        var snapshot = self
        snapshot.phase = .serving
        snapshot.add(Entry("drain", criticality: .degrading, result: HealthResult(.warn, code: "draining")))
        return snapshot
    }

    /// The snapshot as the last node of a farm tells it: what all nodes share is a warning, and it says why.
    var asLastInFarm: HealthSnapshot {
        var snapshot = self
        for index in snapshot.entries.indices where snapshot.entries[index].criticality == .shared {
            snapshot.entries[index].criticality = .degrading
        }
        snapshot.add(Entry("farm", criticality: .degrading, result: HealthResult(.warn, code: "last-in-farm")))
        return snapshot
    }

    /// Adds what no check found to the whole and to every group.
    private mutating func add(_ entry: Entry) {
        self.entries.append(entry)
        self.groups = self.groups.map { HealthGroup($0.name, checks: $0.checks + [entry.name]) }
    }
}
