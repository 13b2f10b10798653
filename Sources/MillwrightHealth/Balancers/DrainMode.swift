// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// How a node that drains says so to those who ask for its readiness.
public enum DrainMode: String, Sendable, Hashable, CaseIterable {
    /// It fails like any other: every prober takes it out after its failures.
    case status503 = "503"
    /// It answers 404, which HAProxy with `http-check disable-on-404` takes for "no new clients, old ones may stay".
    case status404 = "404"
    /// It fails, and every answer it gives carries `x-envoy-immediate-health-check-fail`, which takes it out at once.
    case envoy
    /// It answers as if it served, and its agent tells HAProxy's `agent-check` to drain it: old clients may stay, and the server
    /// is not counted as failed.
    case agent
}
