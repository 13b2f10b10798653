// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A statement as a server's log has it: with the time it took, where that was logged, and its real values.
struct LoggedStatement: Sendable, Hashable {
    /// What wrote it.
    enum Source: Sendable, Hashable {
        /// `log_min_duration_statement` and its kin, or `log_statement`.
        case server
        /// The extension auto_explain.
        case autoExplain
    }

    var text: String
    var seconds: Double?
    /// The values of its placeholders, as SQL literals.
    var values: [Int: String] = [:]
    var source = Source.server

    /// Reads a record; nothing where it holds no statement, or only the parse or bind step of one.
    init?(_ record: LogRecord) {
        var rest = record.message[...]
        if rest.hasPrefix("duration: ") {
            rest = rest.dropFirst("duration: ".count)
            let figure = rest.prefix { $0.isNumber || $0 == "." }
            guard let milliseconds = Double(figure) else { return nil }
            self.seconds = milliseconds / 1000
            rest = rest.dropFirst(figure.count).drop { $0 == " " }
            guard rest.hasPrefix("ms") else { return nil }
            rest = rest.dropFirst(2).drop { $0 == " " }
        }
        if rest.hasPrefix("plan:") {
            guard let plan = Self.explained(String(rest.dropFirst("plan:".count)).trimmed) else { return nil }
            self.text = plan.text
            self.values = plan.values
            self.source = .autoExplain
            return
        }
        if rest.hasPrefix("statement: ") {
            self.text = String(rest.dropFirst("statement: ".count)).trimmed
        } else if rest.hasPrefix("execute "), let colon = rest.firstRange(of: ": ") {
            self.text = String(rest[colon.upperBound...]).trimmed
            self.values = record.detail.map { Self.values(in: $0) } ?? [:]
        } else {
            return nil
        }
    }

    /// The query and its values in auto_explain's plan, as text or JSON.
    private static func explained(_ plan: String) -> (text: String, values: [Int: String])? {
        if plan.hasPrefix("{") {
            guard let tree = ParseNode(json: plan), let text = tree["Query Text"]?.text else { return nil }
            return (text.trimmed, tree["Query Parameters"]?.text.map { Self.values(in: $0) } ?? [:])
        }
        guard plan.hasPrefix("Query Text: ") else { return nil }
        var lines: [Substring] = []
        var values: [Int: String] = [:]
        for line in plan.dropFirst("Query Text: ".count).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("Query Parameters: ") {
                values = Self.values(in: String(line))
                break
            }
            if line.contains("  (cost=") { break }
            lines.append(line)
        }
        return (lines.joined(separator: "\n").trimmed, values)
    }

    /// `parameters: $1 = '5', $2 = NULL` gives the literals by number; one that the log cut is left out.
    static func values(in detail: String) -> [Int: String] {
        let bytes = Array(detail.utf8)
        var values: [Int: String] = [:]
        var position = 0
        while let dollar = bytes[position...].firstIndex(of: UInt8(ascii: "$")) {
            let digits = bytes[(dollar + 1)...].prefix { (48...57).contains($0) }
            position = dollar + 1 + digits.count
            guard let number = Int(String(decoding: digits, as: UTF8.self)),
                bytes[position...].starts(with: Array(" = ".utf8))
            else { continue }
            position += 3
            if bytes[position...].starts(with: Array("NULL".utf8)) {
                values[number] = "NULL"
                continue
            }
            guard position < bytes.count, bytes[position] == UInt8(ascii: "'") else { continue }
            guard let end = Self.end(ofLiteralAt: position, in: bytes) else { break }
            let literal = String(decoding: bytes[position...end], as: UTF8.self)
            if !literal.hasSuffix("...'") { values[number] = literal }
            position = end + 1
        }
        return values
    }

    /// Where the quote is that ends a literal; a doubled one does not.
    private static func end(ofLiteralAt start: Int, in bytes: [UInt8]) -> Int? {
        var position = start + 1
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "'") {
                guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "'") else { return position }
                position += 1
            }
            position += 1
        }
        return nil
    }
}

/// The statements of a server's log, those of one shape together: its time, and up to three samples with their real values.
struct LogWorkload: Sendable {
    private(set) var statements: [WorkloadStatement] = []

    private struct Sample: Sendable, Hashable {
        var line: Int
        var database: String?
        var statement: LoggedStatement
    }

    private struct Shape: Sendable {
        var calls = 0
        var seconds = 0.0
        var first: Sample
        var slowest: Sample
        var last: Sample

        /// Those that differ: the first, the slowest and the last.
        var samples: [Sample] {
            var seen: Set<String> = []
            return [self.slowest, self.first, self.last].filter {
                let values = $0.statement.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                return seen.insert("\($0.statement.text)\n\(values)").inserted
            }
        }
    }

    /// Groups the records of a log.
    ///
    /// Where the server logs how long statements take, plans of auto_explain would count the same a second time and are left out.
    ///
    /// - Parameter name: what the file is called; statements are `name:line`.
    init(_ records: [LogRecord], name: String) {
        let all = records.compactMap { record in
            LoggedStatement(record).map { Sample(line: record.line, database: record.database, statement: $0) }
        }
        let hasTimes = all.contains { $0.statement.source == .server && $0.statement.seconds != nil }
        let isTimed = all.contains { $0.statement.seconds != nil }
        var shapes: [String: Shape] = [:]
        var keys: [String: String] = [:]
        for sample in all where !(hasTimes && sample.statement.source == .autoExplain) {
            let text = sample.statement.text
            let key = keys[text] ?? QueryParser.fingerprint(of: text) ?? text
            keys[text] = key
            var shape = shapes[key] ?? Shape(first: sample, slowest: sample, last: sample)
            shape.calls += 1
            shape.seconds += sample.statement.seconds ?? 0
            shape.last = sample
            if sample.statement.seconds ?? 0 > shape.slowest.statement.seconds ?? 0 { shape.slowest = sample }
            shapes[key] = shape
        }
        for shape in shapes.values.sorted(by: { $0.first.line < $1.first.line }) {
            let samples = shape.samples
            for sample in samples {
                let calls = Double(shape.calls) / Double(samples.count)
                self.statements.append(
                    WorkloadStatement(
                        name: "\(name):\(sample.line)",
                        text: sample.statement.text,
                        weight: isTimed ? .seconds(shape.seconds / Double(samples.count)) : .calls(calls),
                        calls: calls,
                        values: sample.statement.values,
                        database: sample.database
                    )
                )
            }
        }
    }
}
