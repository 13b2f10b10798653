// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// All that makes an index what it is: two indexes with the same identity serve the same statements.
struct IndexIdentity: Hashable {
    private var table: Int
    private var method: String
    private var keys: [Int]
    private var classes: [Int]
    private var collations: [Int]
    private var options: [Int]
    private var included: [Int]
    private var expressions: String?
    private var predicate: String?
    private var isUnique: Bool
    private var isImmediate: Bool
    private var distinguishesNulls: Bool
    private var isPartitioned: Bool

    init(_ index: CatalogIndex) {
        self.table = index.table
        self.method = index.method
        self.keys = index.keys
        self.classes = index.classes
        self.collations = index.collations
        self.options = index.method == "btree" ? Self.forward(index.options) : index.options
        self.included = index.included
        self.expressions = index.expressions
        self.predicate = index.predicate
        self.isUnique = index.isUnique
        self.isImmediate = index.isImmediate
        self.distinguishesNulls = index.distinguishesNulls
        self.isPartitioned = index.isPartitioned
    }

    /// The order in the direction that sorts first, so that an index and its whole reversal compare equal.
    private static func forward(_ options: [Int]) -> [Int] {
        let backward = Self.reversed(options)
        return options.lexicographicallyPrecedes(backward) ? options : backward
    }

    /// The order of the index when it is read backwards: every DESC and NULLS FIRST bit flipped.
    static func reversed(_ options: [Int]) -> [Int] { options.map { $0 ^ 3 } }
}
