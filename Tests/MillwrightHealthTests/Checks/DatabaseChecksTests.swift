// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import Testing

@testable import MillwrightHealth

@Suite("What the checks of a database decide")
struct DatabaseChecksTests {
    private let server = ReservedConnection(PostgresConfiguration("postgres://app@/app"))

    @Test("A server in recovery fails an alias that writes, and is what a replica should be")
    func recovery() {
        let primary = DatabaseHealth(server: self.server)
        let replica = DatabaseHealth("replica", server: self.server, isReplica: true)

        #expect(primary.result(isInRecovery: false, lagSeconds: nil) == .pass())
        #expect(primary.result(isInRecovery: true, lagSeconds: nil).code == "postgres.read_only")
        #expect(replica.result(isInRecovery: true, lagSeconds: 0).status == .pass)
        #expect(replica.result(isInRecovery: false, lagSeconds: nil) == .pass())
        #expect(primary.name == "database" && replica.name == "database.replica")
    }

    @Test(
        "A replica warns from ten seconds of lag on, fails from a minute on, and warns where nobody knows",
        arguments: [
            (0, "ok", .pass), (9.9, "ok", .pass), (10, "postgres.replica_lagging", .warn),
            (60, "postgres.replica_late", .fail), (nil, "postgres.replica_lag_unknown", .warn),
        ] as [(Double?, String, HealthStatus)]
    )
    func lag(seconds: Double?, code: String, status: HealthStatus) {
        let replica = DatabaseHealth("replica", server: self.server, isReplica: true)

        let result = replica.result(isInRecovery: true, lagSeconds: seconds)

        #expect(result.code == code && result.status == status)
    }

    @Test(
        "Transaction ids warn where fail-safe vacuum begins and fail close to the end",
        arguments: [
            (200_000_000, "ok"), (1_620_000_000, "postgres.transaction_ids_low"),
            (2_100_000_000, "postgres.transaction_ids_exhausted"),
        ]
    )
    func transactionIDs(age: Int, code: String) {
        #expect(TransactionIDHealth(server: self.server).result(oldestAge: age).code == code)
    }

    @Test(
        "Migrations that wait warn where somebody misses them, and so do files that were changed",
        arguments: [
            (true, 0, 3, 0, "migrations.pending"), (false, 2, 1, 0, "migrations.pending"), (false, 0, 6, 0, "ok"),
            (true, 6, 0, 0, "ok"), (false, 5, 0, 1, "migrations.changed"),
        ]
    )
    func migrations(isExpected: Bool, applied: Int, pending: Int, changed: Int, code: String) async throws {
        let check = MigrationHealth(isExpected: isExpected) {
            MigrationHealth.Counts(applied: applied, pending: pending, changed: changed)
        }

        let result = try await check.run()

        #expect(result.code == code && result.status == (code == "ok" ? .pass : .warn))
    }

    @Test(
        "PgBouncer is judged by the queue that waits longest, and by none where nobody waits",
        arguments: [(0, 90.0, "ok"), (3, 0.5, "ok"), (1, 1.5, "pgbouncer.waiting"), (2, 10, "pgbouncer.stuck")]
    )
    func bouncer(waiting: Int, seconds: Double, code: String) {
        let quiet = PgBouncerHealth.Pool(waitingClients: 0, activeServers: 2, longestWaitSeconds: 0)
        let pool = PgBouncerHealth.Pool(waitingClients: waiting, activeServers: 1, longestWaitSeconds: seconds)

        let result = PgBouncerHealth(console: self.server).result([quiet, pool])

        #expect(result.code == code)
        #expect(result.facts.contains(Evidence("servers_active", 3)))
    }

    @Test(
        "A certificate warns three weeks before its end, fails two days before it, and without TLS there is none",
        arguments: [
            (22, "ok"), (20, "certificate.expires"), (1, "certificate.expires_soon"), (-1, "certificate.expired"),
            (nil, "ok"),
        ] as [(Double?, String)]
    )
    func certificates(daysLeft: Double?, code: String) {
        let check = CertificateHealth(name: "certificate.database") { nil }

        #expect(check.result(end: daysLeft.map { 1_000_000 + $0 * 86_400 }, now: 1_000_000).code == code)
    }
}
