// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// Brings a database's schemas to where the files are.
///
/// Millwright keeps to a schema of its own and to its own table of what was applied: it can stand beside a host's own
/// migrations, and never touches their records (`django_migrations` and the like).
///
/// ## Topics
/// - Looking: ``status()``, ``plan(app:target:)``
/// - Acting: ``migrate(app:target:progress:)``
public struct MigrationRunner: Sendable {
    /// How to reach the database; two migrations at once are prevented by a lock of the session, so it must not be a
    /// pooler that swaps connections.
    public var configuration: PostgresConfiguration
    /// The apps in the order in which they are migrated; Millwright's own comes first.
    public var apps: [MigrationApp]
    /// How long a statement waits for a lock that somebody else holds, before the step is given up: 5 s.
    public var lockTimeout: Duration = .seconds(5)
    /// How long one file may take: one hour.
    public var statementTimeout: Duration = .seconds(3600)

    /// Creates a runner for Millwright's own schema and a host's apps.
    public init(_ configuration: PostgresConfiguration, hostApps: [MigrationApp] = []) {
        self.configuration = configuration
        self.configuration.applicationName = "millwright migrate"
        self.apps = [Migrations.app] + hostApps
    }

    /// Lists every migration with its state; changes nothing.
    public func status() async throws -> [MigrationStatus] {
        try await self.withConnection { connection in
            let (applied, checksums) = try await self.read(connection)
            let rows = applied.map { (row: $0.row, at: $0.at.secondsSince1970) }
            return MigrationStatus.list(apps: self.apps, applied: rows, checksums: checksums)
        }
    }

    /// Decides what `migrate` would do; changes nothing.
    public func plan(app: String? = nil, target: MigrationTarget = .latest) async throws -> MigrationPlan {
        try await self.withConnection { try await self.plan(on: $0, app: app, target: target) }
    }

    /// Brings the database to `target`: one step after the other, each in a transaction of its own.
    ///
    /// - Parameter progress: is told of each step before it runs.
    /// - Returns: the steps that were done; none where nothing was to be done.
    /// - Throws: ``MigrationError``, also where another run holds the lock; `PostgresError` where the server is not to
    ///   be had. What was done before a step failed stays done.
    @discardableResult
    public func migrate(
        app: String? = nil,
        target: MigrationTarget = .latest,
        progress: @Sendable (MigrationStep) -> Void = { _ in }
    ) async throws -> [MigrationStep] {
        try await self.withConnection { connection in
            try await self.prepare(connection)
            let plan = try await self.plan(on: connection, app: app, target: target)
            for step in try plan.stepsIfSound() {
                progress(step)
                do {
                    try await self.perform(step, on: connection)
                } catch let error as MigrationError {
                    throw error
                } catch let error as PostgresError {
                    throw MigrationError.failed(step, error)
                }
            }
            return plan.steps
        }
    }
}

extension MigrationRunner {
    private func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(self.configuration)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    private func read(
        _ connection: PostgresConnection
    ) async throws -> (applied: [(row: AppliedMigration, at: PostgresTimestamp)], checksums: [Migration: String]) {
        let server = try await connection.server()
        guard server.versionNumber >= 110_000 else { throw MigrationError.tooOld(server) }
        let table = MigrationTable(connection: connection)
        let checksums = try await table.checksums(of: self.apps.flatMap(\.migrations))
        return (try await table.applied(), checksums)
    }

    private func plan(
        on connection: PostgresConnection,
        app: String?,
        target: MigrationTarget
    ) async throws -> MigrationPlan {
        let (applied, checksums) = try await self.read(connection)
        return MigrationPlan.decide(
            apps: self.apps,
            applied: applied.map(\.row),
            checksums: checksums,
            app: app,
            target: target
        )
    }

    /// Makes sure that the database can be written and that nobody else migrates it.
    private func prepare(_ connection: PostgresConnection) async throws {
        if try await connection.server().isInRecovery {
            throw MigrationError.readOnly("The server is a standby: it only replays what its primary writes.")
        }
        let rows = try await connection.query("SELECT current_setting('transaction_read_only') = 'on'")
        if try rows.first?.get(0, as: Bool.self) ?? false {
            throw MigrationError.readOnly("Transactions of this role or database are read-only from the start.")
        }
        if try await PoolerProbe.swaps(connection) { throw MigrationError.pooled() }
        if let holder = try await MigrationLock.take(on: connection) { throw MigrationError.locked(by: holder) }
    }

    private func perform(_ step: MigrationStep, on connection: PostgresConnection) async throws {
        let milliseconds = self.lockTimeout / .milliseconds(1)
        try await connection.execute(
            "SELECT set_config('lock_timeout', \(String(Int(milliseconds))), false)"
        )
        if step.isOutsideTransaction {
            try await self.run(step, on: connection) {
                for statement in SQLScript.statements(of: step.sql) {
                    try await connection.run(script: statement, timeout: self.statementTimeout)
                }
            }
        } else {
            try await connection.withTransaction { connection in
                try await self.run(step, on: connection) {
                    try await connection.run(script: step.sql, timeout: self.statementTimeout)
                    guard await connection.isInTransaction else { throw MigrationError.endedTransaction(step) }
                }
            }
        }
        // A file may have set something for its session: the next one starts as the first did.
        try await connection.execute("RESET ALL")
    }

    private func run(
        _ step: MigrationStep,
        on connection: PostgresConnection,
        _ script: () async throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        try await script()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let table = MigrationTable(connection: connection)
        switch step.direction {
        case .apply: try await table.insert(step, seconds: seconds)
        case .revert: try await table.delete(step)
        }
    }
}
