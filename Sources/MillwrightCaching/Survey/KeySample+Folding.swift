// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension KeySample {
    /// Adds one key to the alias whose scope it carries; the longest scope wins where scopes nest.
    mutating func add(_ key: Key, layouts: [(alias: String, layout: KeyLayout)], maximumGroups: Int = 64) {
        guard key.remainingMilliseconds != -2 else { return }
        self.visited += 1
        let owner = layouts.filter { $0.layout.key(ofStored: key.name) != nil }
            .max { $0.layout.scope.count < $1.layout.scope.count }
        guard let owner, let inner = owner.layout.key(ofStored: key.name) else {
            if !key.name.hasPrefix("millwright:") { self.foreign += 1 }
            return
        }
        let group = self.label(KeyLayout.group(of: inner), alias: owner.alias, maximumGroups: maximumGroups)
        self.groups[owner.alias, default: [:]][group, default: Group()].add(key)
    }

    private func label(_ group: String, alias: String, maximumGroups: Int) -> String {
        let known = self.groups[alias] ?? [:]
        if known[group] != nil { return group }
        return known.count < maximumGroups && !group.isEmpty && group.utf8.count <= 64
            ? group : HitCounters.overflowGroup
    }
}

extension KeySample.Group {
    /// Counts one key.
    mutating func add(_ key: KeySample.Key) {
        self.keys += 1
        if key.remainingMilliseconds < 0 {
            self.immortal += 1
        } else {
            self.remaining.count(milliseconds: key.remainingMilliseconds)
        }
        if let bytes = key.bytes {
            self.measured += 1
            self.measuredBytes += bytes
        }
    }
}
