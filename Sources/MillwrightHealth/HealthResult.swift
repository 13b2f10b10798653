// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// What one run of a check found.
///
/// The code is one of a fixed set of words (`redis.timeout`) and the facts are numbers and states of our own: neither may
/// hold an error's text, a host name or anything else that a prober must not read.
public struct HealthResult: Sendable, Hashable {
    /// How it is.
    public var status: HealthStatus
    /// What was found, as a fixed word: `ok`, `postgres.saturated`.
    public var code: String
    /// Figures for whoever may see details; snake_case names that carry their unit (`usage_percent`).
    public var facts: [Evidence]

    /// Creates a result.
    public init(_ status: HealthStatus, code: String, facts: [Evidence] = []) {
        self.status = status
        self.code = code
        self.facts = facts
    }

    /// All is well.
    public static func pass(_ facts: [Evidence] = []) -> HealthResult { HealthResult(.pass, code: "ok", facts: facts) }
}
