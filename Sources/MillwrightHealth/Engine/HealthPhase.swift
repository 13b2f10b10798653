// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Where in its life a node is.
public enum HealthPhase: String, Sendable, Hashable {
    /// Not every check has run yet, or the host has not said that it is ready.
    case starting
    /// Serving.
    case serving
    /// Told to stop: it finishes what it has and wants nothing new.
    case draining
}
