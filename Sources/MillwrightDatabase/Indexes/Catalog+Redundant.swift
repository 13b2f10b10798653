// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An index that may go since another one does its work.
struct Redundancy: Sendable, Hashable {
    var index: CatalogIndex
    /// The one that serves its statements then.
    var heir: CatalogIndex
}

extension Catalog {
    private var redundancies: [Redundancy] {
        DuplicateIndexes().redundancies(in: self) + CoveredIndexes().redundancies(in: self)
    }

    /// The indexes that other checks say may go since another one does their work.
    var redundant: Set<Int> { Set(self.redundancies.map(\.index.oid)) }

    /// The indexes that serve the statements of redundant ones, once those are gone.
    ///
    /// - Parameter isUsed: whether an index has statements to serve; one that inherits some has them as well.
    func heirs(where isUsed: (CatalogIndex) -> Bool) -> Set<Int> {
        let redundancies = self.redundancies
        var heirs: Set<Int> = []
        var known = -1
        while known < heirs.count {
            known = heirs.count
            for one in redundancies where isUsed(one.index) || heirs.contains(one.index.oid) {
                heirs.insert(one.heir.oid)
            }
        }
        return heirs
    }
}
