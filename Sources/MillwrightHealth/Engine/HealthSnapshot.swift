// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What the engine knows at one moment; HTTP, the command line and metrics show the same one.
public struct HealthSnapshot: Sendable, Hashable {
    /// One check in a snapshot.
    public struct Entry: Sendable, Hashable {
        /// The check's name.
        public var name: String
        /// What its failure means.
        public var criticality: HealthCriticality
        /// What it found.
        public var result: HealthResult
        /// How long ago its last run came back; `nil` before the first one did.
        public var age: Duration?
        /// How long that run took.
        public var took: Duration?
        /// Whether a run is past its deadline and still under way.
        public var isHanging: Bool

        /// Creates an entry.
        public init(
            _ name: String,
            criticality: HealthCriticality,
            result: HealthResult,
            age: Duration? = nil,
            took: Duration? = nil,
            isHanging: Bool = false
        ) {
            self.name = name
            self.criticality = criticality
            self.result = result
            self.age = age
            self.took = took
            self.isHanging = isHanging
        }
    }

    /// Names the snapshot in every answer made from it: `5f1c9a-42`.
    public var id: String
    /// When it was made, in seconds since 1970-01-01 00:00 UTC.
    public var time: Double
    /// Where in its life the node is.
    public var phase: HealthPhase
    /// The checks, in the engine's order.
    public var entries: [Entry]

    /// Creates a snapshot.
    public init(id: String, time: Double, phase: HealthPhase, entries: [Entry]) {
        self.id = id
        self.time = time
        self.phase = phase
        self.entries = entries
    }
}

/// One of the questions that a prober can ask.
public enum HealthFace: String, Sendable, Hashable, CaseIterable {
    /// Is the process alive? It touches no dependency: restarting a node does not mend PostgreSQL.
    case livez
    /// May requests come here?
    case readyz
    /// Has it started?
    case startupz
    /// How is everything? The same status as `readyz`.
    case health = "health_check"

    /// Where it is asked.
    public var path: String { "/\(self.rawValue)" }
}

extension HealthSnapshot {
    /// The answer to one question.
    public func status(of face: HealthFace) -> HealthStatus {
        switch face {
        case .livez: .pass
        case .startupz: self.phase == .starting ? .fail : .pass
        case .readyz, .health: self.phase == .serving ? self.effect : .fail
        }
    }

    /// The fixed words for why it is not `pass`, each once, worst first.
    public func codes(of face: HealthFace) -> [String] {
        let phase = self.phase == .serving ? [] : [self.phase.rawValue]
        guard face != .livez else { return [] }
        guard face != .startupz else { return self.phase == .starting ? phase : [] }
        let entries = self.entries.filter { $0.effect != .pass }.sorted { $0.effect > $1.effect }
        return (phase + entries.map(\.result.code)).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private var effect: HealthStatus { self.entries.map(\.effect).max() ?? .pass }
}

extension HealthSnapshot.Entry {
    /// What the check counts for in the whole.
    public var effect: HealthStatus { self.criticality.effect(of: self.result.status) }
}
