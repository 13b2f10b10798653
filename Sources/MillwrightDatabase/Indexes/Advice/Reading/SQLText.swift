// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes parts of a parse tree as SQL again: the expressions and conditions that can be part of an index.
///
/// Columns are written without their qualifier, as CREATE INDEX wants them. What is not known here gives nothing, and so do
/// placeholders and subqueries.
struct SQLText: Sendable {
    /// The statement that the tree was made from.
    var source: [UInt8]

    func text(of node: ParseNode) -> String? {
        if let column = node["ColumnRef"] { return Self.name(of: column) }
        if let constant = node["A_Const"] { return self.constant(constant) }
        if let cast = node["TypeCast"] { return self.cast(cast) }
        if let call = node["FuncCall"] { return self.call(call) }
        if let expression = node["A_Expr"] { return self.expression(expression) }
        if let test = node["NullTest"] {
            let sign = test["nulltesttype"]?.text == "IS_NULL" ? "IS NULL" : "IS NOT NULL"
            return test["arg"].flatMap(self.operand).map { "\($0) \(sign)" }
        }
        if let test = node["BooleanTest"] {
            let signs = [
                "IS_TRUE": "IS TRUE", "IS_NOT_TRUE": "IS NOT TRUE", "IS_FALSE": "IS FALSE",
                "IS_NOT_FALSE": "IS NOT FALSE",
            ]
            guard let sign = signs[test["booltesttype"]?.text ?? ""] else { return nil }
            return test["arg"].flatMap(self.operand).map { "\($0) \(sign)" }
        }
        if let both = node["BoolExpr"] { return self.combination(both) }
        if let coalesce = node["CoalesceExpr"] { return self.list(coalesce["args"]).map { "COALESCE(\($0))" } }
        return nil
    }

    /// The last part of a column's name, quoted.
    private static func name(of column: ParseNode) -> String? {
        column["fields"]?.elements.last?["String"]?["sval"]?.text.map(quoted)
    }

    /// As an operand: in parentheses where it is more than one word.
    private func operand(_ node: ParseNode) -> String? {
        guard let text = self.text(of: node) else { return nil }
        let isSimple = node["ColumnRef"] != nil || node["A_Const"] != nil || node["FuncCall"] != nil
        return isSimple ? text : "(\(text))"
    }

    private func list(_ node: ParseNode?) -> String? {
        let texts = (node?.elements ?? []).map(self.text)
        return texts.contains(nil) ? nil : texts.compactMap { $0 }.joined(separator: ", ")
    }

    // The library writes no number for 0 and below, so those are read from the statement itself.
    private func constant(_ node: ParseNode) -> String? {
        if node["isnull"] != nil { return "NULL" }
        if let text = node["sval"] { return literal(text["sval"]?.text ?? "") }
        if let number = node["fval"]?["fval"]?.text { return number }
        if let flag = node["boolval"] { return flag["boolval"] == .flag(true) ? "true" : "false" }
        guard let number = node["ival"] else { return nil }
        if let value = number["ival"]?.number { return String(Int(value)) }
        guard let location = node["location"]?.number.map({ Int($0) }), location < self.source.count else { return nil }
        let digits = self.source[location...].prefix { $0 == UInt8(ascii: "-") || (48...57).contains($0) }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }

    private func cast(_ node: ParseNode) -> String? {
        guard let argument = node["arg"].flatMap(self.operand), let type = node["typeName"].flatMap(self.type) else {
            return nil
        }
        return "\(argument)::\(type)"
    }

    private func type(_ node: ParseNode) -> String? {
        let names = (node["names"]?.elements ?? []).compactMap { $0["String"]?["sval"]?.text }
        guard let name = names.last else { return nil }
        let isServers = names.count == 1 || names[0] == "pg_catalog"
        // an interval's fields are no plain number
        if name == "interval", node["typmods"] != nil { return nil }
        let modifiers = node["typmods"].flatMap { self.list($0) }.map { "(\($0))" } ?? ""
        let arrays = String(repeating: "[]", count: node["arrayBounds"]?.elements.count ?? 0)
        return (isServers ? quoted(name) : names.map(quoted).joined(separator: ".")) + modifiers + arrays
    }

    private func call(_ node: ParseNode) -> String? {
        let names = (node["funcname"]?.elements ?? []).compactMap { $0["String"]?["sval"]?.text }
        let plain: Set<String> = ["agg_star", "agg_distinct", "agg_filter", "agg_order", "over", "func_variadic"]
        guard !names.isEmpty, plain.allSatisfy({ node[$0] == nil }),
            let arguments = self.list(node["args"] ?? .array([]))
        else { return nil }
        return names.map(quoted).joined(separator: ".") + "(\(arguments))"
    }

    private func expression(_ node: ParseNode) -> String? {
        let sign = node["name"]?.elements.last?["String"]?["sval"]?.text ?? ""
        guard let kind = node["kind"]?.text, let right = node["rexpr"] else { return nil }
        let left = node["lexpr"].flatMap(self.operand)
        if node["lexpr"] != nil, left == nil { return nil }
        switch kind {
        case "AEXPR_OP":
            guard let value = self.operand(right) else { return nil }
            return left.map { "\($0) \(sign) \(value)" } ?? "\(sign) \(value)"
        case "AEXPR_IN":
            guard let left, let values = self.list(right["List"]?["items"]) else { return nil }
            return "\(left) \(sign == "<>" ? "NOT IN" : "IN") (\(values))"
        case "AEXPR_LIKE":
            guard let left, let value = self.operand(right) else { return nil }
            return "\(left) \(sign == "!~~" ? "NOT LIKE" : "LIKE") \(value)"
        default:
            return nil
        }
    }

    private func combination(_ node: ParseNode) -> String? {
        let parts = (node["args"]?.elements ?? []).map { self.text(of: $0).map { "(\($0))" } }
        guard !parts.isEmpty, !parts.contains(nil) else { return nil }
        let texts = parts.compactMap { $0 }
        switch node["boolop"]?.text {
        case "AND_EXPR": return texts.joined(separator: " AND ")
        case "OR_EXPR": return texts.joined(separator: " OR ")
        case "NOT_EXPR": return "NOT \(texts[0])"
        default: return nil
        }
    }
}
