// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How the checks of an alias are called.
enum HealthName {
    /// `cache` for the alias `default`, otherwise `cache.<alias>`.
    static func of(_ kind: String, _ alias: String) -> String { alias == "default" ? kind : "\(kind).\(alias)" }
}
