// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import Migrations
import MillwrightCore

/// How far to migrate, as people write it: nothing, an app, a step, or both.
struct MigrationGoal: Sendable, Hashable {
    /// The app, `nil` for all of them.
    var app: String?
    var target: MigrationTarget

    /// Reads the arguments of `migrate`: `[APP] [TARGET]`; a target without an app is Millwright's own.
    init(_ words: [String], apps: [String]) throws {
        switch words.count {
        case 0: (self.app, self.target) = (nil, .latest)
        case 1 where apps.contains(words[0]): (self.app, self.target) = (words[0], .latest)
        case 1:
            self.app = Migrations.label
            self.target = try Self.target(words[0], apps: apps)
        case 2:
            self.app = words[0]
            self.target = try Self.target(words[1], apps: [])
        default: throw ValidationError("Write at most an app and a target: `migrate millwright 0002`.")
        }
    }

    private static func target(_ word: String, apps: [String]) throws -> MigrationTarget {
        if let target = MigrationTarget(word) { return target }
        let hint = nearest(word, in: apps).map { "did you mean the app `\($0)`?" }
        throw ValidationError(
            "`\(word)` is no step; \(hint ?? "write a number, a name such as m0001_create_schema, or zero.")"
        )
    }
}
