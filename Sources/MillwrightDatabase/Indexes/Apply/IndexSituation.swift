// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What is there before an index is built: the facts that a plan rests on.
struct IndexSituation: Sendable, Hashable {
    /// A relation that has the name already, or an index that does the same.
    struct Existing: Sendable, Hashable {
        var oid: Int
        /// Quoted and qualified.
        var name: String
        /// `i`, `I`, or what else has the name.
        var kind = "i"
        /// The table it indexes, or 0.
        var table = 0
        /// What follows the table's name in its definition.
        var rest: String?
        var isUnique = false
        var isValid = true
        /// Whether a session works on it now.
        var isBeingBuilt = false
        /// The partitioned index that it is a member of, or 0.
        var parent = 0
    }

    /// A table: the one that is asked for, or a partition below it.
    struct Table: Sendable, Hashable {
        var oid: Int
        /// The partitioned table above it, or 0.
        var parent = 0
        var schema: String
        var name: String
        /// `r`, `m` or `p`; others cannot be indexed.
        var kind = "r"
        var isOwned = true
        var canCreate = true
        var owner = ""

        var qualified: String { "\(quoted(self.schema)).\(quoted(self.name))" }
    }

    var request: CreateIndex
    /// The table first, then its partitions, parents before children.
    var tables: [Table]
    /// The name that was asked for, or that the server would choose.
    var name: String
    /// The definition as the server writes it, from the table's name on.
    var rest: String
    var hasExpressions = false
    /// What has one of the names that are about to be used, by qualified name.
    var named: [String: Existing] = [:]
    /// Valid indexes with the same definition, by table.
    var equal: [Int: [Existing]] = [:]

    var table: Table { self.tables[0] }
}
