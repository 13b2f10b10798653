// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension StatementReading {
    /// Adds a condition; `isRequired` where every row has to meet it.
    mutating func add(condition node: ParseNode, isRequired: Bool) {
        if let both = node["BoolExpr"] {
            let isAnd = both["boolop"]?.text == "AND_EXPR"
            if both["boolop"]?.text == "NOT_EXPR" {
                if isRequired { self.keep(condition: node) }
                return self.note(node)
            }
            let known = self.uses.map { [$0.equal.count, $0.joined.count, $0.ranges.count, $0.patterns.count] }
            for part in both["args"]?.elements ?? [] { self.add(condition: part, isRequired: isRequired && isAnd) }
            if !isAnd { self.loosen(after: known) }
            return
        }
        self.note(node)
        if isRequired { self.keep(condition: node) }
        if let expression = node["A_Expr"] {
            self.add(comparison: expression)
        } else if let test = node["NullTest"], test["nulltesttype"]?.text == "IS_NULL" {
            test["arg"].flatMap(self.part).map {
                self.uses[$0.use].equal.append($0.part)
                self.uses[$0.use].loose.insert($0.part)
            }
        } else if let query = node["SubLink"], query["subLinkType"]?.text == "ANY_SUBLINK" {
            query["testexpr"].flatMap(self.part).map { self.uses[$0.use].joined.append($0.part) }
            self.join(target: query)
        } else if let reference = node["ColumnRef"], let (use, column) = self.resolve(reference) {
            self.uses[use].equal.append(.column(column))
            self.uses[use].loose.insert(.column(column))
        }
    }

    /// Marks the parts that were added since: rows need not meet the conditions that they stand in.
    private mutating func loosen(after known: [[Int]]) {
        for (use, counts) in known.enumerated() {
            let item = self.uses[use]
            for (list, count) in zip([item.equal, item.joined, item.ranges, item.patterns], counts) {
                self.uses[use].loose.formUnion(list.dropFirst(count))
            }
        }
    }

    /// `x IN (SELECT y …)`: y is compared with x, so an index on y may help as well.
    private mutating func join(target query: ParseNode) {
        guard let select = query["subselect"]?["SelectStmt"],
            let target = select["targetList"]?.elements.first?["ResTarget"]?["val"]?["ColumnRef"],
            let name = target["fields"]?.elements.last?["String"]?["sval"]?.text
        else { return }
        for use in self.uses.indices.suffix(4) where self.uses[use].columns.contains(name) && self.has(use, name) {
            self.uses[use].joined.append(.column(name))
        }
    }

    /// Remembers what the placeholders of a comparison are compared with.
    private mutating func place(_ node: ParseNode, sign: String, left: (use: Int, part: TableUse.Part)?) {
        guard let left, case .column(let name) = left.part, let values = node["rexpr"],
            let column = self.tables.list[self.uses[left.use].table].column(name)
        else { return }
        let list = values["List"]?["items"]?.elements ?? values["A_ArrayExpr"]?["elements"]?.elements ?? [values]
        // only where a placeholder is the value itself, not a part of a sum
        let numbers = list.compactMap { ($0["ParamRef"] ?? $0["TypeCast"]?["arg"]?["ParamRef"])?["number"]?.number }
            .map { Int($0) }
        let hasLower = self.places.values.contains(.above(column))
        for (position, number) in numbers.enumerated() {
            switch (node["kind"]?.text, sign) {
            case ("AEXPR_BETWEEN", _): self.places[number] = position == 0 ? .above(column) : .upTo(column)
            case (_, ">"), (_, ">="): self.places[number] = .above(column)
            case (_, "<"), (_, "<="): self.places[number] = hasLower ? .upTo(column) : .below(column)
            case ("AEXPR_LIKE", _), ("AEXPR_ILIKE", _): self.places[number] = .pattern
            case (_, "="): self.places[number] = .equal(column)
            default: break
            }
        }
    }

    private mutating func add(comparison node: ParseNode) {
        let sign = node["name"]?.elements.last?["String"]?["sval"]?.text ?? ""
        let left = node["lexpr"].flatMap(self.part)
        let right = node["rexpr"].flatMap(self.part)
        self.place(node, sign: sign, left: left)
        switch (node["kind"]?.text, sign) {
        case ("AEXPR_OP", "="): self.add(equality: left, right)
        case ("AEXPR_IN", "="), ("AEXPR_OP_ANY", "="): left.map { self.uses[$0.use].equal.append($0.part) }
        case ("AEXPR_OP", "<"), ("AEXPR_OP", "<="), ("AEXPR_OP", ">"), ("AEXPR_OP", ">="):
            guard left?.use != right?.use || left == nil else { return }
            for side in [left, right].compactMap({ $0 }) { self.uses[side.use].ranges.append(side.part) }
        case ("AEXPR_BETWEEN", _): left.map { self.uses[$0.use].ranges.append($0.part) }
        case ("AEXPR_LIKE", "~~"), ("AEXPR_ILIKE", "~~*"):
            guard let left, let pattern = node["rexpr"] else { return }
            self.add(pattern: pattern, of: left, isExact: sign == "~~")
        case ("AEXPR_OP", "@@"), ("AEXPR_OP", "@>"), ("AEXPR_OP", "&&"), ("AEXPR_OP", "?"), ("AEXPR_OP", "@?"):
            left.map { self.uses[$0.use].inverted.append(.init(part: $0.part)) }
        case ("AEXPR_OP", "%"), ("AEXPR_OP", "~"), ("AEXPR_OP", "~*"):
            left.map { self.uses[$0.use].inverted.append(.init(part: $0.part, operatorClass: "gin_trgm_ops")) }
        default: break
        }
    }

    private mutating func add(
        equality left: (use: Int, part: TableUse.Part)?,
        _ right: (use: Int, part: TableUse.Part)?
    ) {
        if let left, let right {
            guard left.use != right.use else { return }
            self.uses[left.use].joined.append(left.part)
            self.uses[right.use].joined.append(right.part)
        } else if let side = left ?? right {
            self.uses[side.use].equal.append(side.part)
        }
    }

    private mutating func add(pattern: ParseNode, of side: (use: Int, part: TableUse.Part), isExact: Bool) {
        let text = pattern["A_Const"]?["sval"]?["sval"]?.text
        let isAnchored = text.map { !$0.hasPrefix("%") && !$0.hasPrefix("_") } ?? (pattern["ParamRef"] != nil)
        if isExact, isAnchored {
            self.uses[side.use].patterns.append(side.part)
        } else {
            self.uses[side.use].inverted.append(.init(part: side.part, operatorClass: "gin_trgm_ops"))
        }
    }

    /// Keeps a condition that an index could be limited to.
    private mutating func keep(condition node: ParseNode) {
        guard let use = self.onlyUse(in: node), let sql = self.sql.text(of: node) else { return }
        guard let kind = self.kind(of: node) else { return }
        self.uses[use].conditions.append(.init(sql: sql, kind: kind))
    }

    /// Nothing for conditions whose constants move: ranges, patterns.
    private func kind(of node: ParseNode) -> TableUse.Condition.Kind? {
        if node["NullTest"] != nil || node["BooleanTest"] != nil || node["ColumnRef"] != nil { return .fixed }
        if let not = node["BoolExpr"] { return not["args"]?.elements.first?["ColumnRef"] == nil ? nil : .fixed }
        guard let expression = node["A_Expr"] else { return nil }
        let sign = expression["name"]?.elements.last?["String"]?["sval"]?.text
        let right = expression["rexpr"]
        if expression["lexpr"]?["ColumnRef"] != nil, right?["ColumnRef"] != nil { return .fixed }
        guard ["=", "<>"].contains(sign), ["AEXPR_OP", "AEXPR_IN"].contains(expression["kind"]?.text ?? ""),
            let column = expression["lexpr"]?["ColumnRef"].flatMap(self.resolve)?.column
        else { return nil }
        return .value(column: column)
    }
}
