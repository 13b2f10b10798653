// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension Catalog {
    /// The indexes that other checks say may go since another one does their work.
    var redundant: Set<Int> {
        let findings = DuplicateIndexes().verdict(on: self).findings + CoveredIndexes().verdict(on: self).findings
        let names = Set(findings.map(\.subject))
        return Set(self.indexes.filter { names.contains($0.name) }.map(\.oid))
    }
}
