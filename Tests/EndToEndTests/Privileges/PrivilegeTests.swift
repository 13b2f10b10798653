// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("What a role may not see is unknown", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct PrivilegeTests {
    /// The commands that look at a database.
    static let commands = ["index_audit", "pool_health", "slow_queries", "tune", "vacuum_schedule"]

    @Test("A role with pg_monitor runs every command, and misses nothing the superuser finds", arguments: commands)
    func monitor(command: String) async throws {
        let all = try await Self.verdicts(of: command, as: "postgres")
        let seen = try await Self.verdicts(of: command, as: "monitor")

        #expect(!Self.names(all, "finding").isEmpty)
        for name in Self.names(all, "finding") { Self.expectTruth(seen[name], name, "monitor") }
    }

    @Test("A role without privileges runs every command, and is never told a false ok", arguments: commands)
    func nobody(command: String) async throws {
        let all = try await Self.verdicts(of: command, as: "postgres")
        let seen = try await Self.verdicts(of: command, as: "nobody_role")

        for name in Self.names(all, "finding") { Self.expectTruth(seen[name], name, "nobody_role") }
    }

    // A role sees its own sessions always, so it must be one that nobody else's test uses at the same time.
    @Test("What other sessions do is hidden from a role without privileges, and open to pg_monitor")
    func sessions() async throws {
        let monitor = try await Self.verdicts(of: "tune", as: "monitor")
        let nobody = try await Self.verdicts(of: "tune", as: FaultyDatabase.stranger)

        for name in ["connection-saturation", "idle-transactions", "slow-queries"] {
            #expect(monitor[name]?.kind == "finding", "\(name): \(String(describing: monitor[name]))")
            #expect(nobody[name]?.kind == "unknown", "\(name): \(String(describing: nobody[name]))")
        }
    }

    /// What a check said: finding, ok or unknown with what would cure it.
    struct Said: Sendable {
        var kind: String
        var cure: String?
    }

    private static func names(_ verdicts: [String: Said], _ kind: String) -> [String] {
        verdicts.filter { $0.value.kind == kind }.keys.sorted()
    }

    /// There is a fault: a role may find it, or not know and say which GRANT would let it.
    private static func expectTruth(_ said: Said?, _ check: String, _ role: String) {
        let isTrue = said?.kind == "finding" || (said?.kind == "unknown" && said?.cure?.contains("GRANT ") == true)
        #expect(isTrue, "\(check) as \(role): \(String(describing: said))")
    }

    private static func verdicts(of command: String, as role: String) async throws -> [String: Said] {
        let servers = try await ContractServers.well()
        let run = try await ManageProcess(
            arguments: [command, "--format", "json"] + FaultyDatabase.thresholds,
            environment: ["DATABASE_URL": servers.state.url(role: role, database: FaultyDatabase.name) ?? ""]
        ).run()
        #expect([0, 1].contains(run.code), "\(run)")
        let outcomes = try #require(JSONDocument(run.stdout), "\(run)").outcomes
        let pairs = outcomes.map { outcome in
            (
                outcome["name"] as? String ?? "",
                Said(kind: outcome["verdict"] as? String ?? "", cure: outcome["cure"] as? String)
            )
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
