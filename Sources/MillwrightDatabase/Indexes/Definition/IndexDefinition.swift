// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An index as CREATE INDEX takes it, whether it exists or not.
///
/// Names are kept as the catalog has them and quoted where SQL is written; expressions and the predicate are SQL already.
///
/// ```swift
/// let definition = IndexDefinition(
///     schema: "public",
///     table: "erp_salesorder",
///     keys: [.column("customer_id"), .column("date", isDescending: true)],
///     included: ["total"],
///     predicate: "status <> 'done'"
/// )
/// print(definition.sql())
/// ```
public struct IndexDefinition: Sendable, Hashable {
    /// One key of an index: a column or an expression, with its order.
    public struct Key: Sendable, Hashable {
        /// What is indexed.
        public enum Part: Sendable, Hashable {
            /// A column, by its unquoted name.
            case column(String)
            /// An expression, as SQL without the parentheses around it.
            case expression(String)
        }

        /// What is indexed.
        public var part: Part
        /// The operator class, as SQL; `nil` is the type's default.
        public var operatorClass: String?
        /// The collation, as SQL; `nil` is the column's.
        public var collation: String?
        /// Whether it is DESC.
        public var isDescending: Bool
        /// Whether NULLs come first; `nil` is the default of the direction.
        public var nullsFirst: Bool?

        /// Creates a key.
        public init(
            _ part: Part,
            operatorClass: String? = nil,
            collation: String? = nil,
            isDescending: Bool = false,
            nullsFirst: Bool? = nil
        ) {
            self.part = part
            self.operatorClass = operatorClass
            self.collation = collation
            self.isDescending = isDescending
            self.nullsFirst = nullsFirst
        }

        /// A column in its default order, or descending.
        public static func column(_ name: String, isDescending: Bool = false) -> Key {
            Key(.column(name), isDescending: isDescending)
        }

        /// The column's name; `nil` for an expression.
        public var column: String? { if case .column(let name) = self.part { name } else { nil } }

        /// What CREATE INDEX writes.
        public var sql: String {
            var text =
                switch self.part {
                case .column(let name): quoted(name)
                case .expression(let expression): "(\(expression))"
                }
            if let collation { text += " COLLATE \(collation)" }
            if let operatorClass { text += " \(operatorClass)" }
            if self.isDescending { text += " DESC" }
            if let nullsFirst, nullsFirst != self.isDescending { text += nullsFirst ? " NULLS FIRST" : " NULLS LAST" }
            return text
        }
    }

    /// The table's schema.
    public var schema: String
    /// The table.
    public var table: String
    /// The access method.
    public var method: String
    /// The keys, in order.
    public var keys: [Key]
    /// INCLUDE columns.
    public var included: [String]
    /// The condition that an indexed row meets, as SQL; `nil` where all rows are indexed.
    public var predicate: String?
    /// Whether it is UNIQUE.
    public var isUnique: Bool
    /// Of a BRIN how many pages one summary is of; `nil` is the default, 128.
    public var pagesPerRange: Int?

    /// Creates a definition.
    public init(
        schema: String,
        table: String,
        method: String = "btree",
        keys: [Key],
        included: [String] = [],
        predicate: String? = nil,
        isUnique: Bool = false,
        pagesPerRange: Int? = nil
    ) {
        self.schema = schema
        self.table = table
        self.method = method
        self.keys = keys
        self.included = included
        self.predicate = predicate
        self.isUnique = isUnique
        self.pagesPerRange = pagesPerRange
    }

    /// The table as SQL names it.
    public var qualifiedTable: String { "\(quoted(self.schema)).\(quoted(self.table))" }

    /// The columns that it holds; those inside of expressions are not among them.
    public var columns: Set<String> { Set(self.keys.compactMap(\.column) + self.included) }

    /// What follows the table's name: method, keys, INCLUDE, storage parameter and predicate.
    ///
    /// Two indexes of one table with the same text serve the same statements.
    public var body: String {
        var text = self.method == "btree" ? "" : "USING \(self.method) "
        text += "(" + self.keys.map(\.sql).joined(separator: ", ") + ")"
        if !self.included.isEmpty { text += " INCLUDE (" + self.included.map(quoted).joined(separator: ", ") + ")" }
        if let pagesPerRange { text += " WITH (pages_per_range = \(pagesPerRange))" }
        if let predicate { text += " WHERE \(predicate)" }
        return text
    }

    /// The statement that makes it, without a semicolon.
    ///
    /// - Parameters:
    ///   - name: its name; PostgreSQL chooses one where `nil`.
    ///   - concurrently: whether writers go on meanwhile; it then cannot be in a transaction.
    public func sql(name: String? = nil, concurrently: Bool = true) -> String {
        let kind = "CREATE \(self.isUnique ? "UNIQUE " : "")INDEX\(concurrently ? " CONCURRENTLY" : "")"
        return "\(kind) \(name.map { quoted($0) + " " } ?? "")ON \(self.qualifiedTable) \(self.body)"
    }

    /// Whether this one's keys are the first keys of the other, so that the other can serve what this one serves.
    ///
    /// Both have to be full btrees of the same table; INCLUDE columns of this one have to be somewhere in the other.
    public func isPrefix(of other: IndexDefinition) -> Bool {
        self.schema == other.schema && self.table == other.table && self.method == "btree" && other.method == "btree"
            && self.predicate == other.predicate && !self.isUnique && other.keys.starts(with: self.keys)
            && Set(self.included).isSubset(of: other.columns)
    }
}
