// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Names on the left, sentences on the right, wrapped at the width.
struct TwoColumns: Sendable {
    /// How far the names stand in.
    var indent: Int
    /// Where the sentences begin.
    var column: Int
    /// How wide a line may be.
    var width: Int

    /// The rows as lines.
    func text(_ rows: [(String, String)]) -> String {
        rows.map(self.row).joined(separator: "\n")
    }

    private func row(_ name: String, _ sentence: String) -> String {
        let left = String(repeating: " ", count: self.indent) + name
        let margin = String(repeating: " ", count: self.column)
        let lines = Self.wrapped(sentence, to: max(20, self.width - self.column))
        guard left.count < self.column else {
            return ([left] + lines.map { margin + $0 }).joined(separator: "\n")
        }
        let first = left + String(repeating: " ", count: self.column - left.count) + (lines.first ?? "")
        return ([first] + lines.dropFirst().map { margin + $0 }).joined(separator: "\n")
    }

    /// Breaks between words; a word longer than a line keeps it.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= width {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
