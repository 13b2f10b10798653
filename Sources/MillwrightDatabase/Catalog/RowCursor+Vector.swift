// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension RowCursor {
    /// Reads one of the catalog's vectors (`int2vector`, `oidvector`), which arrive as "1 2 3".
    mutating func nextVector() throws -> [Int] {
        try self.next(String.self).split(separator: " ").compactMap { Int($0) }
    }
}
