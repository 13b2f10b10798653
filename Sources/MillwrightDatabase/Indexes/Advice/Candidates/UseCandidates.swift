// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The indexes that could serve one use of a table, by kind.
struct UseCandidates: Sendable {
    typealias Part = TableUse.Part
    typealias Key = IndexDefinition.Key

    let use: TableUse
    let table: AdvisedTable
    /// Whether every order of two columns, and of three where there are few, is made, or only the ones that structure suggests.
    var isExhaustive = true

    /// The most INCLUDE columns that a covering index gets.
    private static let maximumIncluded = 8
    /// A constant is taken for one that stays the same where its column has at most so many values.
    private static let maximumStates = 32.0

    /// Plain btrees, best guess first.
    var plain: [IndexDefinition] { self.keyLists.map { self.btree($0) } }

    /// The same with every other column that the statement reads, so that the table need not be visited.
    var covering: [IndexDefinition] {
        let lists = self.keyLists.filter { $0.count <= 2 } + self.structural.filter { $0.count > 2 }
        return Self.unique(lists.compactMap(self.covering))
    }

    /// Btrees of the rows alone that meet a condition of the statement, plain and covering.
    var partial: [IndexDefinition] {
        Self.unique(
            self.predicates.flatMap { condition in
                (self.structural + self.singles).flatMap { keys -> [IndexDefinition] in
                    let own = keys.filter { !self.isFixed($0, by: condition) }
                    let list = own.isEmpty ? keys : own
                    return [self.btree(list), self.covering(list)].compactMap { $0 }.map {
                        var definition = $0
                        definition.predicate = condition
                        return definition
                    }
                }
            }
        )
    }

    /// Other methods and operator classes: patterns, BRIN for big tables in the order of a column, hash for wide values.
    var special: [IndexDefinition] {
        var all: [IndexDefinition] = []
        for part in self.use.patterns {
            let type = self.column(part)
            let keys = self.use.equal.filter { $0 != part }.prefix(2).map { Key($0) }
            for lead in Self.unique([[], keys]) {
                all.append(self.btree(lead + [Key(part, operatorClass: type?.patternClass)]))
            }
        }
        for part in self.use.ranges + self.use.equal {
            guard let column = self.column(part), abs(column.correlation ?? 0) > 0.99, self.table.pages > 1000 else {
                continue
            }
            var summary = self.definition("brin", [Key(part)])
            if self.use.ranges.contains(part) { all.append(summary) }
            // a single value is found by as few pages as possible
            guard self.use.equal.contains(part) else { continue }
            summary.pagesPerRange = SummaryRanges.shortest(for: self.table)
            all.append(summary)
        }
        for part in self.use.equal {
            guard let width = self.column(part)?.width, width > 24 else { continue }
            all.append(self.definition("hash", [Key(part)]))
        }
        return Self.unique(all)
    }

    /// Indexes that HypoPG cannot simulate.
    var inverted: [IndexDefinition] {
        Self.unique(
            self.use.inverted.compactMap { inverted in
                if let column = self.column(inverted.part), inverted.operatorClass == nil,
                    !["jsonb", "tsvector"].contains(column.type), !column.type.hasSuffix("[]")
                {
                    return nil
                }
                return self.definition("gin", [Key(inverted.part, operatorClass: inverted.operatorClass)])
            }
        )
    }

    // MARK: Keys

    /// Every part that a key could be, the most selective equalities first.
    var parts: [Part] {
        let order = self.use.order.map(\.part)
        return TableUse.unique(
            self.sorted(self.use.equal) + self.use.joined + self.use.ranges + order + self.use.groups
        )
        .filter(self.isOrdered)
    }

    var singles: [[Key]] { self.parts.map { [Key($0)] } }

    private var keyLists: [[Key]] {
        var lists = self.structural + self.singles
        if self.isExhaustive {
            let parts = Array(self.parts.prefix(6))
            for one in parts {
                for two in parts where two != one {
                    lists.append([Key(one), Key(two)])
                    guard parts.count <= 4 else { continue }
                    for three in parts where three != one && three != two {
                        lists.append([Key(one), Key(two), Key(three)])
                    }
                }
            }
        }
        return Self.unique(lists)
    }

    /// Equality first, then the order of the rows or one range.
    var structural: [[Key]] {
        let equal = self.sorted(TableUse.unique(self.use.equal)).filter(self.isOrdered).prefix(3).map { Key($0) }
        let ranges = TableUse.unique(self.use.ranges).filter(self.isOrdered).prefix(3).map { Key($0) }
        let joined = TableUse.unique(self.use.joined).filter(self.isOrdered).prefix(3)
        let order = self.order
        var lists: [[Key]] = [equal]
        lists += ranges.map { equal + [$0] }
        if !order.isEmpty {
            lists += [equal + order, order]
            lists += ranges.prefix(1).map { equal + order + [$0] }
        }
        lists += joined.flatMap { join in [equal + [Key(join)], [Key(join)] + equal] }
        if joined.count > 1 { lists.append(joined.map { Key($0) }) }
        lists += joined.flatMap { join in ranges.prefix(2).map { [Key(join), $0] } }
        let groups = TableUse.unique(self.use.groups).filter(self.isOrdered).prefix(3).map { Key($0) }
        if !groups.isEmpty { lists.append(equal + groups) }
        return Self.unique(lists.map(Self.withoutRepetition).filter { !$0.isEmpty && $0.count <= 5 })
    }

    /// The order of the rows; all one way is no direction, since an index is read backwards as well.
    private var order: [Key] {
        let order = self.use.order.prefix(3).filter { self.isOrdered($0.part) }
        guard order.count == min(3, self.use.order.count) else { return [] }
        let isPlain = order.allSatisfy { $0.nullsFirst == nil || $0.nullsFirst == $0.isDescending }
        let isMixed = Set(order.map(\.isDescending)).count > 1
        return isPlain && !isMixed ? order.map { Key($0.part) } : Array(order)
    }

    private func sorted(_ parts: [Part]) -> [Part] {
        let distinct = { (part: Part) in self.column(part)?.distinctValues(among: self.table.rows) ?? 100 }
        return TableUse.unique(parts).enumerated()
            .sorted { (distinct($0.element), $1.offset) > (distinct($1.element), $0.offset) }.map(\.element)
    }

    // MARK: Definitions

    private func definition(_ method: String, _ keys: [Key]) -> IndexDefinition {
        IndexDefinition(schema: self.table.schema, table: self.table.name, method: method, keys: keys)
    }

    private func btree(_ keys: [Key]) -> IndexDefinition { self.definition("btree", keys) }

    /// The keys with the other columns that are read; as keys where storing equal ones once makes that smaller.
    private func covering(_ keys: [Key]) -> IndexDefinition? {
        let rest = self.use.columns.subtracting(keys.compactMap(\.column)).sorted()
        guard !rest.isEmpty, rest.count <= Self.maximumIncluded, keys.allSatisfy({ $0.column != nil }) else {
            return nil
        }
        var included = self.btree(keys)
        included.included = rest
        let rowBytes = self.table.pages * 8192 / max(1, self.table.rows)
        guard included.entryBytes(on: self.table) < 0.75 * rowBytes else { return nil }
        let wide = self.btree(keys + rest.map { .column($0) })
        let isOrdered = rest.allSatisfy { self.isOrdered(.column($0)) }
        return isOrdered && wide.sizeBytes(on: self.table) < 0.9 * included.sizeBytes(on: self.table) ? wide : included
    }

    /// What an index could be limited to: each condition that lasts, and all of them together.
    var predicates: [String] {
        let lasting = self.lastingConditions
        return lasting.count < 2 ? lasting : lasting + [lasting.map { "(\($0))" }.joined(separator: " AND ")]
    }

    /// Conditions that can be expected to stay as they are.
    private var lastingConditions: [String] {
        var seen: Set<String> = []
        return self.use.conditions.filter { condition in
            guard case .value(let name) = condition.kind else { return true }
            let distinct = self.table.column(name)?.distinctValues(among: self.table.rows)
            return distinct.map { $0 <= Self.maximumStates } ?? false
        }.map(\.sql).filter { seen.insert($0).inserted }
    }

    /// Whether a condition leaves a key only one value, so that it orders nothing.
    private func isFixed(_ key: Key, by condition: String) -> Bool {
        guard let name = key.column else { return false }
        let column = quoted(name)
        return condition == column || condition == "\(column) IS NULL" || condition == "NOT (\(column))"
            || condition.hasPrefix("\(column) = ") && !condition.contains(" AND ")
    }

    private func column(_ part: Part) -> AdvisedTable.Column? {
        if case .column(let name) = part { self.table.column(name) } else { nil }
    }

    private func isOrdered(_ part: Part) -> Bool { self.column(part)?.isOrdered ?? true }

    private static func withoutRepetition(_ keys: [Key]) -> [Key] {
        var seen: Set<Part> = []
        return keys.filter { seen.insert($0.part).inserted }
    }

    static func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }
}
