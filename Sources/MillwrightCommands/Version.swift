// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// The version of Millwright.
public enum Version {
    /// The number, as in the change log.
    public static let current = "0.1.0"

    static var document: JSONValue { ["version": .string(Self.current)] }

    static func line(_ program: String) -> String { "\(program) \(Self.current)" }
}
