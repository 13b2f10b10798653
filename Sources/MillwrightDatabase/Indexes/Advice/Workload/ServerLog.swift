// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// One record of a server's log that may hold a statement.
struct LogRecord: Sendable, Hashable {
    /// Where it begins.
    var line: Int
    var message: String
    var detail: String?
    /// Where the format tells.
    var database: String?
}

/// Reads the log of a PostgreSQL server in any of its three formats: plain (with any `log_line_prefix`), CSV, and JSON.
enum ServerLog {
    /// The records that may hold statements, or `nil` where the text is no log.
    static func records(in text: String) -> [LogRecord]? {
        let bytes = Array(text.utf8)
        guard let start = bytes.firstIndex(where: { !Self.blanks.contains($0) }) else { return nil }
        if bytes[start] == UInt8(ascii: "{") { return Self.json(bytes) }
        if let records = Self.csv(bytes[start...]) { return records }
        return Self.plain(bytes)
    }

    private static let blanks: Set<UInt8> = [9, 10, 13, 32]

    // MARK: Plain

    private static let severities = [
        "LOG", "DETAIL", "ERROR", "WARNING", "FATAL", "PANIC", "NOTICE", "INFO", "HINT", "STATEMENT", "CONTEXT",
        "QUERY",
        "LOCATION", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5",
    ]

    /// How far into a line the prefix may reach.
    private static let longestPrefix = 300

    // Further lines of a message begin with a tab.
    private static func plain(_ bytes: [UInt8]) -> [LogRecord]? {
        var records: [LogRecord] = []
        var lines: [ArraySlice<UInt8>] = []
        var severity: String?
        var start = 0
        var hasSeverity = false
        func finish() {
            guard let severity, !lines.isEmpty else { return }
            let message = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
            if severity == "LOG" {
                records.append(LogRecord(line: start, message: message))
            } else if severity == "DETAIL", let last = records.indices.last, records[last].detail == nil {
                records[last].detail = message
            }
        }
        for (number, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            if line.first == 9, severity != nil {
                lines.append(line.dropFirst())
                continue
            }
            guard let (found, rest) = Self.message(in: line) else {
                // before the first record that is no log; later it is a line that something else wrote
                if !hasSeverity, !line.allSatisfy(Self.blanks.contains) { return nil }
                continue
            }
            finish()
            (severity, lines, start, hasSeverity) = (found, [rest], number + 1, true)
        }
        finish()
        return hasSeverity ? records : nil
    }

    /// `2026-08-01 10:00:00 UTC [7] LOG:  duration: …` gives LOG and what follows it.
    private static func message(in line: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
        let head = line.prefix(Self.longestPrefix)
        var position = head.startIndex
        while let colon = head[position...].firstIndex(of: UInt8(ascii: ":")) {
            position = colon + 1
            guard line.count > colon + 2 - line.startIndex, line[colon + 1] == 32, line[colon + 2] == 32 else {
                continue
            }
            let word = line[..<colon].reversed().prefix { (65...90).contains($0) || (48...57).contains($0) }.reversed()
            let severity = String(decoding: word, as: UTF8.self)
            if Self.severities.contains(severity) { return (severity, line[(colon + 3)...]) }
        }
        return nil
    }

    // MARK: CSV

    // The columns are fixed; later versions add some at the end.
    private static let (databaseColumn, severityColumn, messageColumn, detailColumn) = (2, 11, 13, 14)

    private static func csv(_ bytes: ArraySlice<UInt8>) -> [LogRecord]? {
        var reader = CSVReader(bytes: bytes)
        var records: [LogRecord] = []
        while let (line, fields) = reader.next() {
            guard fields.count > Self.detailColumn, Self.severities.contains(fields[Self.severityColumn]) else {
                if records.isEmpty { return nil }
                continue
            }
            guard fields[Self.severityColumn] == "LOG" else { continue }
            records.append(
                LogRecord(
                    line: line,
                    message: fields[Self.messageColumn],
                    detail: fields[Self.detailColumn].isEmpty ? nil : fields[Self.detailColumn],
                    database: fields[Self.databaseColumn].isEmpty ? nil : fields[Self.databaseColumn]
                )
            )
        }
        return records.isEmpty ? nil : records
    }

    // MARK: JSON

    private static func json(_ bytes: [UInt8]) -> [LogRecord]? {
        var records: [LogRecord] = []
        for (number, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            guard let entry = ParseNode(json: String(decoding: line, as: UTF8.self)),
                let severity = entry["error_severity"]?.text
            else {
                if records.isEmpty { return nil }
                continue
            }
            guard severity == "LOG", let message = entry["message"]?.text else { continue }
            records.append(
                LogRecord(
                    line: number + 1,
                    message: message,
                    detail: entry["detail"]?.text,
                    database: entry["dbname"]?.text
                )
            )
        }
        return records.isEmpty ? nil : records
    }
}

/// Reads records of comma-separated fields, in which a quoted one may go over several lines.
private struct CSVReader {
    let bytes: ArraySlice<UInt8>
    private var position: Int
    private var line = 1

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.position = bytes.startIndex
    }

    mutating func next() -> (line: Int, fields: [String])? {
        guard self.position < self.bytes.endIndex else { return nil }
        let start = self.line
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        while self.position < self.bytes.endIndex {
            let byte = self.bytes[self.position]
            self.position += 1
            if byte == 10 { self.line += 1 }
            switch byte {
            case UInt8(ascii: "\""):
                // a doubled one stands for itself
                let isDoubled = isQuoted && self.position < self.bytes.endIndex && self.bytes[self.position] == byte
                if isDoubled {
                    field.append(byte)
                    self.position += 1
                } else {
                    isQuoted.toggle()
                }
            case UInt8(ascii: ",") where !isQuoted:
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
            case 10 where !isQuoted:
                fields.append(String(decoding: field, as: UTF8.self))
                return (start, fields)
            default: field.append(byte)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return (start, fields)
    }
}
