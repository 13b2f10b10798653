// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a statement does with one table that it names.
struct TableUse: Sendable, Hashable {
    typealias Part = IndexDefinition.Key.Part

    /// The table, by its position in the list of tables.
    var table: Int
    /// Compared with a value or a list of values.
    var equal: [Part] = []
    /// Compared for equality with another table's columns.
    var joined: [Part] = []
    /// Compared with `<`, `<=`, `>`, `>=` or BETWEEN.
    var ranges: [Part] = []
    /// Compared with LIKE, the pattern's beginning being fixed.
    var patterns: [Part] = []
    /// Parts among those above of which an index by itself may find nothing: they stand in an OR, or are tested for NULL or truth.
    var loose: Set<Part> = []
    /// The first ORDER BY parts, as long as they are this table's; also what `min` and `max` are taken of.
    var order: [IndexDefinition.Key] = []
    /// GROUP BY parts that are this table's.
    var groups: [Part] = []
    /// Every column that the statement reads of it.
    var columns: Set<String> = []
    /// Conditions without placeholders, as SQL, that rows have to meet: what a partial index could be limited to.
    var conditions: [Condition] = []
    /// Conditions that only an inverted index serves.
    var inverted: [Inverted] = []
    /// Whether only the first rows are wanted.
    var hasLimit = false

    /// A condition on one table alone.
    struct Condition: Sendable, Hashable {
        /// What it is about: decides whether a constant in it is likely to stay the same.
        enum Kind: Sendable, Hashable {
            /// IS NULL, IS NOT NULL, a truth value, two columns compared: always the same.
            case fixed
            /// A column compared with constants, which may be one of many.
            case value(column: String)
        }

        var sql: String
        var kind: Kind
    }

    /// A condition for GIN, with the operator class where the default does not serve.
    struct Inverted: Sendable, Hashable {
        var part: Part
        var operatorClass: String?
    }

    /// Parts that an index can narrow by equality, each once.
    var equalities: [Part] { Self.unique(self.equal + self.joined) }

    static func unique(_ parts: [Part]) -> [Part] {
        var seen: Set<Part> = []
        return parts.filter { seen.insert($0).inserted }
    }
}
