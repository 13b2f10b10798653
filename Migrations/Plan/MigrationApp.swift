// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// An app's label and its migrations, in order.
public struct MigrationApp: Sendable, Hashable {
    /// The label: `millwright`, or what a host calls its app.
    public let label: String
    /// The migrations, by number.
    public let migrations: [Migration]

    /// Creates an app from a list that is known to be in order.
    init(label: String, migrations: [Migration]) {
        self.label = label
        self.migrations = migrations
    }

    /// Creates an app from files: their names and what they hold.
    ///
    /// A step is `m0001_<what>.up.sql`, with `m0001_<what>.down.sql` beside it where it can be taken back. Other files
    /// are left alone, but a file that looks like a migration and is not one is a mistake.
    /// - Throws: `MigrationError` with every mistake, if there are any.
    public init(label: String, files: [(name: String, text: String)]) throws {
        var ups: [Int: (name: String, text: String)] = [:]
        var downs: [Int: (name: String, text: String)] = [:]
        var mistakes: [String] = []
        for file in files where file.name.hasSuffix(".sql") {
            guard let parsed = MigrationFileName(file.name) else {
                mistakes.append("\(file.name) is not named like m0001_create_something.up.sql.")
                continue
            }
            let known = parsed.isUp ? ups[parsed.number] : downs[parsed.number]
            if let known {
                mistakes.append("\(file.name) has the number of \(known.name).")
            } else if parsed.isUp {
                ups[parsed.number] = (parsed.name, file.text)
            } else {
                downs[parsed.number] = (parsed.name, file.text)
            }
        }
        mistakes += Self.mistakes(ups: ups.mapValues(\.name), downs: downs.mapValues(\.name))
        guard mistakes.isEmpty else { throw MigrationError.badFiles(app: label, mistakes.sorted()) }
        self.label = label
        self.migrations = ups.keys.sorted().map { number in
            let up = ups[number, default: ("", "")]
            return Migration(app: label, number: number, name: up.name, up: up.text, down: downs[number]?.text)
        }
    }

    private static func mistakes(ups: [Int: String], downs: [Int: String]) -> [String] {
        var mistakes: [String] = []
        for (number, name) in downs where ups[number] != name {
            mistakes.append("The down file of \(number) (\(name)) has no up file of the same name.")
        }
        let missing = Set(1...max(1, ups.keys.max() ?? 1)).subtracting(ups.keys)
        if !ups.isEmpty {
            mistakes += missing.map { "There is no migration \($0), but later ones." }
        }
        return mistakes
    }
}

/// A file's name, taken apart.
struct MigrationFileName {
    let number: Int
    let name: String
    let isUp: Bool

    /// Takes `m0001_create_schema.up.sql` apart; `nil` where it is named otherwise.
    ///
    /// Names start with a letter because the embedded file becomes an identifier, and `0001` and `1001` would become
    /// the same one.
    init?(_ file: String) {
        let parts = file.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "up" || parts[1] == "down", let underscore = parts[0].firstIndex(of: "_")
        else { return nil }
        let digits = parts[0][..<underscore].dropFirst()
        let name = parts[0][parts[0].index(after: underscore)...]
        guard parts[0].first == "m", digits.count >= 4, let number = Int(digits), number > 0, !name.isEmpty else {
            return nil
        }
        self.number = number
        self.name = String(name)
        self.isUp = parts[1] == "up"
    }
}
