// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// What is wrong with the checks, groups or status codes of an engine: said before anything runs.
///
/// A wrong name would otherwise be an answer that is always green.
public struct HealthSetupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence for each problem; each names what is wrong.
    public var problems: [String]

    /// Creates an error.
    public init(problems: [String]) { self.problems = problems }

    /// All of them; safe to show.
    public var description: String { self.problems.joined(separator: " ") }
}

/// Judges the names of an engine.
enum HealthSetup {
    /// What is wrong; empty where all is well.
    static func problems(checks: [String], groups: [HealthGroup]) -> [String] {
        Self.repeated(checks).map { "Two health checks have the name `\($0)`." }
            + Self.repeated(groups.map(\.name)).map { "Two health groups have the name `\($0)`." }
            + groups.flatMap { Self.problems(of: $0, checks: checks) }
    }

    private static func problems(of group: HealthGroup, checks: [String]) -> [String] {
        var problems: [String] = []
        let isFixed = HealthFace.fixed.contains { $0.name == group.name } && group.name != HealthFace.readyz.name
        if isFixed {
            problems.append("The health group `\(group.name)` has a name whose answer is fixed.")
        } else if !Self.isName(group.name) {
            problems.append(
                "The health group `\(group.name)` has a name that no path can hold: use a-z, 0-9, `-`, `_`."
            )
        }
        if group.checks.isEmpty { problems.append("The health group `\(group.name)` has no checks.") }
        for name in group.checks where !checks.contains(name) {
            let hint = nearest(name, in: checks).map { " Did you mean `\($0)`?" } ?? ""
            problems.append("The health group `\(group.name)` names `\(name)`, which is no health check.\(hint)")
        }
        return problems
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return Set(names.filter { !seen.insert($0).inserted }).sorted()
    }
}
