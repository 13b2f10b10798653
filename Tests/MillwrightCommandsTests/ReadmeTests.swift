// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCaching
import MillwrightCommands
import MillwrightCore
import MillwrightDatabase
import Testing

@Suite("README")
struct ReadmeTests {
    private let lines: Set<Substring>

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        self.lines = Set(text.split(separator: "\n"))
    }

    @Test("Every command stands in its table, as help describes it")
    func commands() {
        for command in BuiltInApps.millwright.commands {
            let row = "| `\(command.name)` | \(command.configuration.abstract) |"
            #expect(self.lines.contains(Substring(row)), "README.md lacks: \(row)")
        }
    }

    @Test("Every check stands in its table, with its name and the ids of its findings")
    func checks() {
        let database = Checks.all.map { type(of: $0) as any Check.Type }
        let caches = CacheChecks.all.map { type(of: $0) as any Check.Type }
        for check in database + caches {
            let ids = check.ids.map { "`\($0)`" }.joined(separator: ", ")
            let row = "| `\(check.name)` | \(check.title) | \(ids) |"
            #expect(self.lines.contains(Substring(row)), "README.md lacks: \(row)")
        }
    }
}
