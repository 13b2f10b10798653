// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit

/// The effective settings as text, as a document, as a report.
struct SettingsListing {
    let result: SettingsResult
    let showsOrigin: Bool

    /// One line a value, in the form `--set` takes; origins as comments.
    var text: String {
        let lines = self.result.values.map { ("\($0.key)=\($0.shown)", "# \($0.origin)") }
        guard self.showsOrigin else { return lines.map(\.0).joined(separator: "\n") }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { line, origin in
            line + String(repeating: " ", count: width - line.count + 2) + origin
        }.joined(separator: "\n")
    }

    /// Values and problems for programs.
    var document: JSONValue {
        [
            "schema": "millwright.settings/1",
            "file": .optional(self.result.settings.file),
            "values": .array(self.result.values.map(self.document(of:))),
            "problems": .array(self.result.problems.map(Self.document(of:))),
        ]
    }

    /// The same as a table.
    var report: Report {
        let origin = self.showsOrigin ? [Table.Column("origin", "Origin")] : []
        let rows = self.result.values.map { value -> [Quantity] in
            [.text(value.key), .text(value.shown)] + (self.showsOrigin ? [.text("\(value.origin)")] : [])
        }
        let columns = [Table.Column("key", "Key"), Table.Column("value", "Value")] + origin
        let table = Table("settings", title: "Settings", columns: columns, rows: rows)
        let section = Section("settings", title: "Settings", tables: [table])
        return Report(command: "settings", title: "Settings", createdAt: Now.seconds, sections: [section])
    }

    private func document(of value: SettingsValue) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("key", .string(value.key)), ("value", .string(value.shown)), ("origin", .string(value.origin.layer)),
        ]
        switch value.origin {
        case .environment(let variable): members.append(("variable", .string(variable)))
        case .file(let path, let line): members += [("file", .string(path)), ("line", .int(line))]
        case .flag, .fallback: break
        }
        return .object(members)
    }

    private static func document(of problem: SettingsProblem) -> JSONValue {
        [
            "key": problem.key.isEmpty ? .null : .string(problem.key),
            "origin": .optional(problem.origin?.description),
            "message": .string(problem.message),
            "advice": .string(problem.advice),
        ]
    }
}
