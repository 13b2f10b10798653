// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension IndexDefinition {
    /// The longest name in bytes that PostgreSQL does not cut.
    private static let maximumNameBytes = 63

    /// A name for it that says what is in it and that no relation of the schema has: `erp_salesorder_customer_id_date_idx`.
    public func name(avoiding taken: Set<String> = []) -> String {
        let parts = self.keys.map { key in
            switch key.part {
            case .column(let name): name
            case .expression(let text): Self.words(of: text)
            }
        }
        var stem = ([self.table] + parts).joined(separator: "_")
        if !self.included.isEmpty { stem += "_incl" }
        if self.predicate != nil { stem += "_part" }
        for number in 0... {
            let ending = number == 0 ? "_idx" : "_idx\(number)"
            let name = Self.cut(stem, to: Self.maximumNameBytes - ending.utf8.count) + ending
            if !taken.contains(name) { return name }
        }
        return stem
    }

    /// The words of an expression: `lower((email)::text)` gives `lower_email_text`.
    private static func words(of expression: String) -> String {
        expression.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.prefix(3).joined(separator: "_")
    }

    /// Cuts whole characters off the end.
    private static func cut(_ text: String, to bytes: Int) -> String {
        var text = text
        while text.utf8.count > bytes { text.removeLast() }
        return text
    }
}
