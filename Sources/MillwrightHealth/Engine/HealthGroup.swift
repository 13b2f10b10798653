// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Checks that answer together under a name of their own: `/health_check/<name>`.
///
/// A group named `readyz` decides readiness in place of all checks. Whatever its members say, a group fails while the node
/// starts or drains.
public struct HealthGroup: Sendable, Hashable {
    /// The name in the path: small letters, digits, `-` and `_`.
    public var name: String
    /// The names of its checks.
    public var checks: [String]

    /// Creates a group.
    public init(_ name: String, checks: [String]) {
        self.name = name
        self.checks = checks
    }
}
