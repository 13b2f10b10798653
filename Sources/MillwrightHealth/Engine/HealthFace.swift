// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// One of the questions that a prober can ask.
public enum HealthFace: Sendable, Hashable {
    /// Is the process alive? It touches no dependency: restarting a node does not mend PostgreSQL.
    case livez
    /// May requests come here?
    case readyz
    /// Has it started?
    case startupz
    /// How is everything?
    case health
    /// How are the checks of one group?
    case group(String)

    /// Those that every node answers.
    public static let fixed: [HealthFace] = [.livez, .readyz, .startupz, .health]

    /// What it is called: `readyz`, `health_check`, or the group's name.
    public var name: String {
        switch self {
        case .livez: "livez"
        case .readyz: "readyz"
        case .startupz: "startupz"
        case .health: "health_check"
        case .group(let name): name
        }
    }

    /// Where it is asked.
    public var path: String {
        switch self {
        case .group(let name): "\(Self.health.path)/\(name)"
        default: "/\(self.name)"
        }
    }

    /// Whether details are told here to whoever may see them; the others stay short for everybody.
    var hasDetails: Bool {
        switch self {
        case .health, .group: true
        case .livez, .readyz, .startupz: false
        }
    }
}

extension HealthSnapshot {
    /// The question of a name: a fixed one's or a group's; `nil` where there is none.
    public func face(named name: String) -> HealthFace? {
        HealthFace.fixed.first { $0.name == name }
            ?? (self.groups.contains { $0.name == name } ? .group(name) : nil)
    }

    /// The answer to one question.
    public func status(of face: HealthFace) -> HealthStatus {
        switch face {
        case .livez: .pass
        case .startupz: self.phase == .starting ? .fail : .pass
        case .readyz, .health, .group:
            self.phase == .serving ? self.entries(of: face).map(\.effect).max() ?? .pass : .fail
        }
    }

    /// The fixed words for why it is not `pass`, each once, worst first.
    public func codes(of face: HealthFace) -> [String] {
        let phase = self.phase == .serving ? [] : [self.phase.rawValue]
        switch face {
        case .livez: return []
        case .startupz: return self.phase == .starting ? phase : []
        case .readyz, .health, .group:
            let entries = self.entries(of: face).filter { $0.effect != .pass }.sorted { $0.effect > $1.effect }
            return (phase + entries.map(\.result.code)).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
    }

    /// The checks that count for a question: a group's members, otherwise all.
    public func entries(of face: HealthFace) -> [Entry] {
        if face == .health { return self.entries }
        guard let group = self.groups.first(where: { $0.name == face.name }) else { return self.entries }
        return self.entries.filter { group.checks.contains($0.name) }
    }
}
