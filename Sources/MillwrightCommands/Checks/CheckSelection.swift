// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Which system checks run.
struct CheckSelection: Sendable, Hashable {
    /// Only checks with one of these tags; empty for all.
    var tags: Set<CheckTag>
    /// Whether those for deployment run, too.
    var isDeploy: Bool
    /// The tags of checks that connect, and that run although their tag was not asked for.
    var connecting: Set<CheckTag>

    /// Whether a check runs.
    func includes(_ check: any SystemCheck) -> Bool {
        let check = type(of: check)
        if check.isForDeploy, !self.isDeploy { return false }
        let own = Set(check.tags)
        guard self.tags.isEmpty else { return !own.isDisjoint(with: self.tags) }
        return own.intersection([.database, .caches]).isSubset(of: self.connecting)
    }
}
