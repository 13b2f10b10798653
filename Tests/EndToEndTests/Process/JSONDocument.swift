// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

/// The one JSON document that stdout holds.
struct JSONDocument {
    let value: Any

    /// Reads the whole text; `nil` where anything stands before or after one document.
    init?(_ text: String) {
        guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else { return nil }
        self.value = value
    }

    /// The text at a path; `nil` where there is none, or an empty one.
    func text(_ path: String...) -> String? {
        let value = path.reduce(self.value as Any?) { ($0 as? [String: Any])?[$1] } as? String
        return value?.isEmpty == false ? value : nil
    }

    /// Every object of an array below each object of another: all outcomes of all sections.
    func objects(_ outer: String, _ inner: String) -> [[String: Any]] {
        let above = (self.value as? [String: Any])?[outer] as? [[String: Any]] ?? []
        return above.flatMap { $0[inner] as? [[String: Any]] ?? [] }
    }

    /// The outcomes of a report.
    var outcomes: [[String: Any]] { self.objects("sections", "outcomes") }

    /// The findings of a report.
    var findings: [[String: Any]] { self.outcomes.flatMap { $0["findings"] as? [[String: Any]] ?? [] } }
}
