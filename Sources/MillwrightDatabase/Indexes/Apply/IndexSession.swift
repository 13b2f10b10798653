// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Two connections that change indexes together: one works and holds the lock, the other looks on, writes the journal, and
/// stops the first.
struct IndexSession: Sendable {
    let worker: PostgresConnection
    let lookout: Lookout
    let limits: IndexLimits
    let journal: IndexJournal
    let progress: @Sendable (IndexProgress) -> Void
    /// Whether what is built has to prove itself; until it has, the journal says so.
    var mustProve = false

    /// The connection that looks on.
    var watch: PostgresConnection { get async throws { try await self.lookout.live } }

    /// The second half of the advisory lock's number; the first is the one of all of Millwright's.
    static let lockSpace = 0x4D69_6C6C
    static let lockNumber = 2

    /// Opens a session, cleans up what a killed run has left, and closes everything when `body` ends in any way.
    static func with<Value: Sendable>(
        _ configuration: PostgresConfiguration,
        limits: IndexLimits,
        progress: @escaping @Sendable (IndexProgress) -> Void,
        _ body: (IndexSession) async throws -> Value
    ) async throws -> Value {
        try await Self.with(configuration, limits: limits, progress: progress) { session, _ in try await body(session) }
    }

    /// The same; `body` is told as well which indexes were dropped that a killed run had not measured.
    static func with<Value: Sendable>(
        _ configuration: PostgresConfiguration,
        limits: IndexLimits,
        progress: @escaping @Sendable (IndexProgress) -> Void,
        _ body: (IndexSession, [String]) async throws -> Value
    ) async throws -> Value {
        let worker = try await PostgresConnection.connect(configuration)
        do {
            try await Self.refuse(worker)
            let lookout = Lookout(try await PostgresConnection.connect(configuration))
            do {
                try await Self.lock(worker)
                let session = IndexSession(
                    worker: worker,
                    lookout: lookout,
                    limits: limits,
                    journal: try await .open(on: lookout),
                    progress: progress
                )
                try await session.prepare()
                try await session.recover()
                let value = try await body(session, try await session.dropUnproved())
                await lookout.close()
                await worker.close()
                return value
            } catch {
                await lookout.close()
                throw error
            }
        } catch {
            await worker.close()
            throw error
        }
    }

    /// Refuses servers on which nothing can be changed, or not safely.
    static func refuse(_ connection: PostgresConnection) async throws {
        let tried = "Prepared to change indexes."
        if try await connection.server().isInRecovery {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "The server is a standby: it only replays what its primary writes.",
                next: "Give a URL that leads to the primary; its indexes reach the standby by themselves."
            )
        }
        if try await PoolerProbe.swaps(connection) {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "The server is behind a pooler that gives each transaction another connection (PgBouncer with "
                    + "pool_mode = transaction): the lock that keeps two runs apart would protect nobody.",
                next: "Nothing was changed; give a URL that leads to PostgreSQL itself."
            )
        }
    }

    private static func lock(_ connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            /* millwright:index-lock */
            SELECT pg_catalog.pg_try_advisory_lock(\(Self.lockSpace)::int, \(Self.lockNumber)::int)
            """
        )
        guard try rows[0].get(0, as: Bool.self) else {
            throw ToolError(
                .tryLater,
                tried: "Took the lock that lets one run at a time change indexes.",
                stopped: "Another run holds it, or the server is still busy with one that was killed.",
                next: "Wait until `SELECT * FROM pg_stat_progress_create_index` is empty, and try again."
            )
        }
    }

    /// Sets what the server itself shall keep where this process is gone.
    private func prepare() async throws {
        let seconds = Int(self.limits.wait.seconds.rounded(.up)) + 5
        try await self.worker.run(script: "SET statement_timeout = 0; SET lock_timeout = '\(seconds)s'")
        // Since PostgreSQL 14 a backend can notice while it works that its client is gone.
        if try await self.worker.server().versionNumber >= 140000 {
            try await self.worker.run(script: "SET client_connection_check_interval = '2s'")
        }
    }

    /// Cleans up after runs that were killed.
    private func recover() async throws {
        for step in try await self.journal.unfinished() {
            let isValid = try await self.validity(of: step.subject)
            switch IndexRecovery(statement: step.statement, isValid: isValid) {
            case .writeOff:
                try await self.journal.end(step.id, .abandoned, "The run was killed; nothing was left of this step.")
            case .complete:
                let words = "The run was killed after this step."
                try await self.journal.end(step.id, .done, step.mustProve ? nil : words)
            case .dropRemnant:
                // the server may have gone on alone
                guard try await self.dropRemnant(step.subject) else {
                    let words = "The run was killed after this step."
                    try await self.journal.end(step.id, .done, step.mustProve ? nil : words)
                    continue
                }
                try await self.journal.end(step.id, .abandoned, "The run was killed; what it left was dropped.")
            case .finishDrop:
                guard try await self.dropRemnant(step.subject) else {
                    try await self.journal.end(step.id, .abandoned, "The run was killed; the index is valid again.")
                    continue
                }
                try await self.journal.end(step.id, .done, "The run was killed; a later one finished the drop.")
            }
        }
    }

    /// Drops what was built to be measured and was not before its run was killed, and returns it.
    func dropUnproved() async throws -> [String] {
        var dropped: [String] = []
        for index in try await self.journal.unproved() {
            if try await self.validity(of: index.subject) != nil {
                if index.isRoot {
                    try await self.patiently("drop \(index.subject)") {
                        try await $0.run(script: index.undo, timeout: self.limits.build)
                    }
                } else {
                    try await self.drop(index.subject)
                }
                dropped.append(index.subject)
            }
            try await self.journal.end(index.id, .undone, "Its run ended before it was measured; it was dropped.")
        }
        return dropped
    }

    /// Whether an index is valid; `nil` where there is none of that name.
    func validity(of index: String) async throws -> Bool? {
        let rows = try await self.watch.query(
            """
            /* millwright:index-apply */
            SELECT i.indisvalid FROM pg_catalog.pg_index AS i
            WHERE i.indexrelid = pg_catalog.to_regclass(\(index))
            """
        )
        return try rows.first?.get(0, as: Bool.self)
    }

    /// Drops an index without ever keeping others waiting for longer than they may, trying again as long as it may wait.
    func drop(_ index: String) async throws {
        try await self.patiently("drop \(index)", against: index) { connection in
            try await connection.run(script: "DROP INDEX CONCURRENTLY IF EXISTS \(index)", timeout: .seconds(600))
        }
    }

    /// Drops an index that is invalid, and leaves it where it has become valid while the drop waited.
    ///
    /// - Returns: whether it is gone.
    func dropRemnant(_ index: String) async throws -> Bool {
        var isGone = true
        try await self.patiently("drop \(index)", against: index) { connection in
            isGone = try await self.validity(of: index) != true
            guard isGone else { return }
            try await connection.run(script: "DROP INDEX CONCURRENTLY IF EXISTS \(index)", timeout: .seconds(600))
        }
        return isGone
    }

    /// Runs a statement with timeouts so short that whoever queues behind it hardly notices, until it gets its locks.
    ///
    /// - Parameter relation: an index or a table on which it asks for a lock that neither reads nor writes queue behind: there it
    ///   may wait until autovacuum gives way, and take its time. Without one the statement as a whole is bounded: the timeout for
    ///   locks counts for each anew, and others queue behind the first while it waits for the next.
    func patiently(
        _ what: String,
        against relation: String? = nil,
        _ body: (PostgresConnection) async throws -> Void
    ) async throws {
        let end = ContinuousClock.now + self.limits.wait
        var pause = Duration.milliseconds(100)
        while true {
            try await self.setTimeouts(await self.delay(against: relation), ofAll: relation == nil)
            do {
                try await body(self.worker)
                return try await self.prepare()
            } catch let error as PostgresError
                where error.isLockTimeout || (relation == nil && error.sqlState == "57014")
            {
                guard ContinuousClock.now + pause < end else {
                    try? await self.prepare()
                    throw ToolError(
                        .tryLater,
                        tried: "Tried for \(Int(self.limits.wait.seconds)) s to \(what).",
                        stopped: "Transactions that use the table did not end.",
                        next: "Try again when they are done; `manage tune` names idle ones."
                    )
                }
                try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    /// How long to wait for a lock at a time.
    ///
    /// Autovacuum gives way to nobody who has not waited for `deadlock_timeout`.
    private func delay(against relation: String?) async -> Duration {
        guard let relation else { return self.limits.delay }
        let rows = try? await self.watch.query(
            """
            /* millwright:index-apply */
            SELECT s.setting::bigint
            FROM pg_catalog.pg_settings AS s
            WHERE s.name = 'deadlock_timeout' AND EXISTS (
                SELECT FROM pg_catalog.pg_locks AS l
                JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
                WHERE l.locktype = 'relation' AND l.granted AND \(SessionInTheWay.isAutovacuum)
                  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
                                    WHERE d.datname = pg_catalog.current_database())
                  AND l.relation IN (
                      SELECT pg_catalog.to_regclass(\(relation))::oid
                      UNION ALL
                      SELECT i.indrelid FROM pg_catalog.pg_index AS i
                      WHERE i.indexrelid = pg_catalog.to_regclass(\(relation))))
            """
        )
        guard let milliseconds = try? rows?.first?.get(0, as: Int.self) else { return self.limits.delay }
        return max(self.limits.delay, .milliseconds(milliseconds + 500))
    }

    private func setTimeouts(_ duration: Duration, ofAll isOfAll: Bool) async throws {
        let time = "'\(max(1, Int(duration.seconds * 1000)))ms'"
        try await self.worker.run(
            script: "SET lock_timeout = \(time); SET statement_timeout = \(isOfAll ? time : "0")"
        )
    }
}

/// How far a change of indexes is.
public struct IndexProgress: Sendable, Hashable {
    /// The step that is being done; `nil` while something else is.
    public var step: IndexStep?
    /// What is done where it is no step.
    public var activity = "measuring the workload"
    /// What the server does just now, as `pg_stat_progress_create_index` calls it.
    public var phase: String
    /// How much of the phase is done, from 0 to 1, where it counts anything.
    public var share: Double?
    /// Whom it waits for.
    public var waitingFor: [SessionInTheWay] = []
}
