// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension ForeignKey {
    /// How well the indexes of its table serve a foreign key.
    enum Support: Equatable {
        /// Some index starts with exactly the key's columns.
        case full
        /// Some index starts with a part of them.
        case weak(CatalogIndex)
        /// No index helps.
        case none
    }

    /// Judges the indexes of the referencing table.
    func support(among indexes: [CatalogIndex]) -> Support {
        let usable = indexes.filter { $0.isUsable && self.isImplied($0.predicate) }
        if usable.contains(where: self.isServed(by:)) { return .full }
        let near = usable.first { index in
            index.method == "btree" && index.keys.first.map(self.columns.contains) ?? false
        }
        return near.map(Support.weak) ?? .none
    }

    private func isServed(by index: CatalogIndex) -> Bool {
        let isByColumns =
            switch index.method {
            case "btree": Set(index.keys.prefix(self.columns.count)) == Set(self.columns)
            case "hash": self.columns.count == 1 && index.keys == self.columns
            default: false
            }
        return isByColumns && self.isComparedAlike(by: index)
    }

    /// Whether the index compares the columns by the collations that a look-up has: the planner passes over others.
    private func isComparedAlike(by index: CatalogIndex) -> Bool {
        zip(self.columns, self.collations).allSatisfy { column, collation in
            guard let place = index.keys.firstIndex(of: column), place < index.collations.count else { return true }
            return index.collations[place] == collation
        }
    }

    /// Whether a partial index holds every row a look-up can ask for: a key with a NULL refers to nothing.
    private func isImplied(_ predicate: String?) -> Bool {
        guard let predicate else { return true }
        let bare = predicate.filter { $0 != "(" && $0 != ")" }
        return Self.split(bare, at: " AND ").allSatisfy { clause in
            clause.hasSuffix(" IS NOT NULL") && self.columnNames.contains(String(clause.dropLast(" IS NOT NULL".count)))
        }
    }

    private static func split(_ text: String, at separator: String) -> [String] {
        var parts = [""]
        var rest = Substring(text)
        while let character = rest.first {
            if rest.hasPrefix(separator) {
                parts.append("")
                rest = rest.dropFirst(separator.count)
            } else {
                parts[parts.count - 1].append(character)
                rest = rest.dropFirst()
            }
        }
        return parts
    }
}
