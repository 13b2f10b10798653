// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How bad a finding is.
///
/// The letter in a finding's id says the same: `I`, `W`, `E` and `C`.
public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    /// Worth knowing; nothing has to be done.
    case info
    /// Costs time, space or money, and gets worse if left.
    case warning
    /// Something is broken or will break soon.
    case error
    /// Data or service is at risk now.
    case critical

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// Orders by how bad it is, mildest first.
    public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }
}
