// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
public import MillwrightSandbox

/// Real private servers for tests.
///
/// ``shared()`` lends one PostgreSQL and one Redis to all tests of a process: each test makes its own schema or key prefix in
/// them. A test that breaks servers takes its own with `TestServers.private(_:)`. All are stopped and removed when the
/// process exits; those of a process that was killed are removed by the next one.
public struct TestServers: Sendable, Hashable {
    /// The sandbox that the servers are in.
    public let sandbox: Sandbox
    /// The servers, as they were when they had been started.
    public let state: SandboxState

    /// The servers that all tests of this process share, started on first use.
    public static func shared() async throws -> TestServers { try await Self.starting.value }

    // A task of its own, because the test that asks first may be cancelled and the others want the servers all the same.
    private static let starting = Task { try await Self.private(SandboxPlan()) }

    /// Starts servers for one test, which may kill, freeze and restart them; call ``remove()`` when done.
    public static func `private`(_ plan: SandboxPlan) async throws -> TestServers {
        let plan = Self.fast(plan)
        let template = plan.postgres ? try await Self.template.value : nil
        return try await StartGate.shared.pass {
            let sandbox = Self.freshSandbox()
            if let template { try await sandbox.seed(from: template) }
            return try await TestServers(sandbox: sandbox, state: sandbox.start(plan))
        }
    }

    // A PostgreSQL that was made once, and that all others of this process are copies of.
    private static let template = Task {
        let sandbox = Self.freshSandbox()
        try await sandbox.start(Self.fast(.postgresOnly))
        try await sandbox.stop()
        return sandbox
    }

    private static func fast(_ plan: SandboxPlan) -> SandboxPlan {
        var plan = plan
        plan.isDurable = false
        // All tests of a room run at once, most with a connection of their own and some with twenty.
        plan.postgresSettings["max_connections"] = plan.postgresSettings["max_connections"] ?? "300"
        return plan
    }

    /// A sandbox that nobody has started, in a folder that goes when the process goes.
    public static func freshSandbox() -> Sandbox { TestFolder.make().sandbox }

    /// Stops the servers and removes their data before the process's end.
    public func remove() async throws { try await self.sandbox.remove() }

    /// Whether tests that need servers run: they do when the programs are installed, and under
    /// `MILLWRIGHT_REQUIRE_SERVERS=1` they do in any case and then fail where a program is missing.
    public static var areAvailable: Bool {
        let required = getenv("MILLWRIGHT_REQUIRE_SERVERS").map { String(cString: $0) } ?? ""
        if !["", "0"].contains(required) { return true }
        return InstalledPrograms.postgresFolder() != nil && InstalledPrograms.find("redis-server") != nil
    }
}

extension TestServers {
    /// The primary's URL, as the owner `app` of the database `app`.
    public var postgresURL: String { self.state.postgresURL ?? "" }
    /// The primary's URL for its superuser.
    public var superuserURL: String { self.state.url(role: "postgres") ?? "" }
    /// The primary's URL for the role `monitor`, which has `pg_monitor`.
    public var monitorURL: String { self.state.url(role: "monitor") ?? "" }
    /// The primary's URL for the role `nobody_role`, which may nothing.
    public var unprivilegedURL: String { self.state.url(role: "nobody_role") ?? "" }
    /// The Redis master's URL.
    public var redisURL: String { self.state.redisURL ?? "" }

    /// The controls of one server: `"postgres"`, `"redis"`, `"sentinel-2"`.
    public func server(_ name: String) -> PrivateServer { self.sandbox.server(name) }
}
