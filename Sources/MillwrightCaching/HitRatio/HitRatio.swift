// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The reads of one alias, of all processes that count into the same Redis, by key group.
public struct HitRatio: Sendable, Hashable {
    /// Counts by group.
    public var groups: [String: ReadCounts]
    /// When counting began, in seconds since 1970-01-01 00:00 UTC; `nil` where nothing was counted yet.
    public var since: Double?

    /// Creates counts by group.
    public init(groups: [String: ReadCounts] = [:], since: Double? = nil) {
        self.groups = groups
        self.since = since
    }

    /// All groups together.
    public var total: ReadCounts { self.groups.values.reduce(ReadCounts(), +) }

    /// The hash in Redis that all processes add to: it lies in the alias's own database, outside its key scope.
    public static func storedName(alias: String) -> String { "millwright:hits:\(alias)" }
}

extension HitRatio {
    static let sinceField = "since"

    /// Reads the fields of the hash: `<group>:hits`, `<group>:misses`, `<group>:errors` and `since`.
    ///
    /// Fields that nobody here wrote are left out, never guessed at.
    init(fields: [String: String]) {
        self.init(since: fields[Self.sinceField].flatMap(Double.init))
        for (field, text) in fields {
            guard let colon = field.lastIndex(of: ":"), let count = Int(text), count >= 0 else { continue }
            let group = String(field[..<colon])
            switch field[colon...] {
            case ":hits": self.groups[group, default: ReadCounts()].hits = count
            case ":misses": self.groups[group, default: ReadCounts()].misses = count
            case ":errors": self.groups[group, default: ReadCounts()].errors = count
            default: continue
            }
        }
    }

    /// The increments that add counts to the hash, in a stable order; zeros are left out.
    static func increments(of counts: [String: ReadCounts]) -> [(field: String, by: Int)] {
        counts.sorted { $0.key < $1.key }.flatMap { group, counts in
            [("\(group):hits", counts.hits), ("\(group):misses", counts.misses), ("\(group):errors", counts.errors)]
        }.filter { $0.1 > 0 }.map { (field: $0.0, by: $0.1) }
    }

    /// The counts that increments add.
    static func counts(of increments: [(field: String, by: Int)]) -> [String: ReadCounts] {
        let fields = increments.map { ($0.field, String($0.by)) }
        return HitRatio(fields: Dictionary(fields, uniquingKeysWith: { $1 })).groups
    }
}
