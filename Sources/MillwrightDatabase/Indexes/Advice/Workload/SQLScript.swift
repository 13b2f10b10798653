// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The statements of an SQL file, in order.
///
/// A comment `-- weight: 12.5` before a statement says how often it runs; without one it is once.
struct SQLScript: Sendable, Hashable {
    private(set) var statements: [WorkloadStatement] = []

    /// Reads a file's content.
    ///
    /// - Parameter name: what the file is called; statements are `name:line`.
    init(_ text: String, name: String) {
        let bytes = Array(text.utf8)
        var (line, counted) = (1, 0)
        for range in QueryParser.statements(of: text) {
            // leading blanks and comments belong to the range
            let whole = String(decoding: bytes[range], as: UTF8.self)
            let start = Self.start(of: whole)
            guard start < whole.endIndex else { continue }
            let place = range.lowerBound + whole.utf8.distance(from: whole.startIndex, to: start)
            line += bytes[counted..<place].count { $0 == UInt8(ascii: "\n") }
            counted = place
            self.statements.append(
                WorkloadStatement(
                    name: "\(name):\(line)",
                    text: String(whole[start...]).trimmed,
                    weight: .calls(Self.weight(in: whole[..<start]) ?? 1),
                    calls: Self.weight(in: whole[..<start]) ?? 1
                )
            )
        }
    }

    /// Where the first word is, behind blanks and comments.
    private static func start(of text: String) -> String.Index {
        var rest = text[...]
        while true {
            rest = rest.drop { $0.isWhitespace }
            if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.hasPrefix("*/") { rest = rest.dropFirst() }
                rest = rest.dropFirst(2)
            } else {
                return rest.startIndex
            }
        }
    }

    private static func weight(in comments: Substring) -> Double? {
        for line in comments.split(whereSeparator: \.isNewline).reversed() {
            let words = line.drop { $0.isWhitespace || $0 == "-" }
            guard words.lowercased().hasPrefix("weight:") else { continue }
            return Double(String(words.dropFirst("weight:".count)).trimmed).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        }
        return nil
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var text = self[...].drop { $0.isWhitespace }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
