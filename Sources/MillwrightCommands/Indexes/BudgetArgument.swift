// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import ArgumentParser
import MillwrightCore
import MillwrightDatabase

/// A storage budget on the command line: `620MB`, or `10%` of the database.
enum BudgetArgument {
    static func storage(_ text: String) throws -> AdvisorOptions.StorageBudget {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 1000 {
            return .share(percent / 100)
        }
        return .bytes(try Self.bytes(text, "a share of the database such as 10%"))
    }

    /// Bytes written each second: `200kB` or `200kB/s`.
    static func rate(_ text: String) throws -> Double {
        try Self.bytes(text.hasSuffix("/s") ? String(text.dropLast(2)) : text, "bytes each second such as 200kB/s")
    }

    /// A size that has to be given as one: `10GB`.
    static func size(_ text: String) throws -> Int { Int(try Self.bytes(text, "as many bytes as there are")) }

    private static func bytes(_ text: String, _ other: String) throws -> Double {
        guard let bytes = Units.bytes(text), bytes > 0 else {
            throw ValidationError("`\(text)` is no size; write 620MB, 2GB or \(other).")
        }
        return Double(bytes)
    }
}
