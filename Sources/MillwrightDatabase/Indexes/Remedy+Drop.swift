// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension Remedy {
    /// Drops an index without blocking writers; the index of a partitioned table cannot be dropped that way.
    static func dropping(_ index: CatalogIndex, _ advice: String) -> Remedy {
        index.isPartitioned
            ? Remedy(
                "\(advice) The index of a partitioned table locks it for a moment: choose a quiet time.",
                commands: ["DROP INDEX \(index.name);"]
            )
            : Remedy(advice, commands: ["DROP INDEX CONCURRENTLY \(index.name);"])
    }
}
