// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Finds tables by the names that statements use.
struct TableNames: Sendable {
    private(set) var list: [AdvisedTable]
    /// The schemas in which a name without one is looked up, in order.
    let searchPath: [String]
    private let positions: [String: [Int]]

    init(_ list: [AdvisedTable], searchPath: [String]) {
        self.list = list
        self.searchPath = searchPath
        self.positions = Dictionary(grouping: list.indices) { list[$0].name }
    }

    /// Takes in what is known of an expression of a table.
    mutating func learn(_ column: AdvisedTable.Column, of table: Int) {
        self.list[table].expressions[column.name] = column
    }

    /// The table that a name means; nothing where it is no table, or a view.
    func position(of name: String, in schema: String?) -> Int? {
        for candidate in schema.map({ [$0] }) ?? self.searchPath {
            if let position = self.positions[name]?.first(where: { self.list[$0].schema == candidate }) {
                return position
            }
        }
        return nil
    }
}
