// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Why a load did not begin.
public struct LoadError: Error, Sendable, CustomStringConvertible {
    /// What a script gets.
    public let exitCode: ExitCode
    /// What was in the way, in one sentence.
    public let stopped: String
    /// What to do next, in one sentence.
    public let next: String

    /// Both sentences.
    public var description: String { "\(self.stopped) \(self.next)" }

    static func badScale(_ scale: Double) -> Self {
        Self(
            exitCode: .usage,
            stopped: "A scale of \(scale) cannot be loaded.",
            next: "Give one above 0 and up to 100; 1 is about 1 GB."
        )
    }

    static func tablesExist(_ tables: [String], schema: String, found: String) -> Self {
        Self(
            exitCode: .notWell,
            stopped: "Schema \(schema) has \(found): \(tables.joined(separator: ", ")).",
            next: "Nothing was changed; `--replace` drops these tables and loads anew."
        )
    }

    static func foreignTables(_ tables: [String], schema: String) -> Self {
        Self(
            exitCode: .notWell,
            stopped:
                "Schema \(schema) has tables of these names that no load has made: \(tables.joined(separator: ", ")).",
            next: "They are never dropped; load into another schema with `--schema`."
        )
    }

    static func nothingLoaded(schema: String) -> Self {
        Self(
            exitCode: .notWell,
            stopped: "Schema \(schema) has no finished load of the ERP.",
            next: "Run `loaddata erp` first."
        )
    }
}
