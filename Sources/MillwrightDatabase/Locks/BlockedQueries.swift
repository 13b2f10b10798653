// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds sessions that keep others waiting for a lock.
///
/// Who blocks whom is what `pg_blocking_pids()` says, which knows about queues: a reader that waits behind an ALTER TABLE is
/// blocked by it, and both by whoever the ALTER TABLE waits for. The finding is about the root, with all that wait behind it.
struct BlockedQueries: DatabaseCheck {
    static let name = "blocked-queries"
    static let title = "Blocked queries"
    static let ids = ["locks.W001", "locks.E002"]
    static let concern = Concern.locks
    static let thresholds: [Threshold<Self>] = [
        .duration("minimumWait", \.minimumWait, "How long a session has to have waited."),
        .count("errorCount", \.errorCount, "How many waiting sessions make it an error."),
    ]

    var minimumWait = Duration.seconds(5)
    var errorCount = 10

    /// A session that waits.
    struct Waiter: Sendable, Hashable {
        var pid: Int
        /// Process ids; 0 is a prepared transaction.
        var blockers: [Int]
        var seconds = 0.0
        var mode = "AccessShareLock"
        var relation: String?
    }

    /// A session that appears on either side.
    struct Session: Sendable, Hashable {
        var pid: Int
        var state: String?
        var user: String?
        var application: String?
        var query: String?
        var transactionSeconds: Double?
    }

    struct Observation: Sendable {
        var waiters: [Waiter]
        var sessions: [Session] = []
    }

    func verdict(on observation: Observation) -> Verdict {
        let forest = BlockingForest(observation.waiters)
        let sessions = Dictionary(observation.sessions.map { ($0.pid, $0) }) { first, _ in first }
        let findings = forest.roots.compactMap { root in self.finding(root, sessions, observation) }
        return .of(findings, evidence: [Evidence("waiting sessions", .count(observation.waiters.count))])
    }

    private func finding(
        _ root: BlockingForest.Root,
        _ sessions: [Int: Session],
        _ observation: Observation
    ) -> Finding? {
        let victims = observation.waiters.filter { root.victims.contains($0.pid) }
        guard let longest = victims.map(\.seconds).max(), longest >= self.minimumWait.seconds else { return nil }
        let isMany = victims.count >= self.errorCount
        let session = sessions[root.pid]
        let head = victims.filter { $0.blockers.contains(root.pid) }.max { $0.seconds < $1.seconds }
        return Finding(
            isMany ? "locks.E002" : "locks.W001",
            isMany ? .error : .warning,
            on: root.subject,
            message: "\(victims.count) sessions wait for \(root.subject), the longest for "
                + "\(Quantity.seconds(longest.rounded()).text).",
            evidence: self.evidence(of: session, head: head, root: root),
            remedy: root.remedy(session: session, head: head),
            weight: victims.map(\.seconds).reduce(0, +)
        )
    }

    private func evidence(of session: Session?, head: Waiter?, root: BlockingForest.Root) -> [Evidence] {
        [
            Evidence("its state", session?.state.map(Quantity.text) ?? .missing),
            Evidence("its role", session?.user.map(Quantity.text) ?? .missing),
            Evidence("its transaction lasts", session?.transactionSeconds.map(Quantity.seconds) ?? .missing),
            Evidence("its last statement", session?.query.map(Quantity.text) ?? .missing),
            Evidence("first in the queue", head.map { .text("session \($0.pid), \($0.mode)") } ?? .missing),
            Evidence("on", head?.relation.map(Quantity.text) ?? .missing),
            Evidence("waiting sessions", .text(root.victims.sorted().map(String.init).joined(separator: ", "))),
        ]
    }
}

extension BlockingForest.Root {
    var subject: String { self.pid == 0 ? "a prepared transaction" : "session \(self.pid)" }

    fileprivate func remedy(session: BlockedQueries.Session?, head: BlockedQueries.Waiter?) -> Remedy {
        if self.pid == 0 {
            return Remedy("Find it in pg_prepared_xacts, and commit it or roll it back.")
        }
        let isIdle = session?.state?.hasPrefix("idle in transaction") ?? false
        var remedy =
            isIdle
            ? Remedy(
                "It does nothing but hold its locks: end it.",
                commands: ["SELECT pg_terminate_backend(\(self.pid));"]
            )
            : Remedy("Wait for it, or cancel its statement.", commands: ["SELECT pg_cancel_backend(\(self.pid));"])
        // Others queue behind an exclusive request; taking that one out of the queue lets them all go on.
        if let head, head.mode == "AccessExclusiveLock", self.victims.count > 1 {
            remedy.advice +=
                " Cancelling session \(head.pid) instead frees all that queue behind it, and nothing is lost."
        }
        return remedy
    }
}

extension BlockedQueries {
    // pg_blocking_pids() takes the lock manager for itself for a moment, so it is asked for waiting sessions only.
    func collect(from inspection: Inspection) async throws -> Observation {
        let waiters = try await inspection.query(
            """
            /* millwright:blocked-queries */
            SELECT l.pid, pg_catalog.pg_blocking_pids(l.pid),
                   coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - l.waitstart), 0), l.mode,
                   CASE WHEN d.oid IS NOT NULL THEN l.relation::regclass::text END
            FROM pg_catalog.pg_locks AS l
            LEFT JOIN pg_catalog.pg_database AS d
              ON d.oid = l.database AND d.datname = pg_catalog.current_database() AND l.relation IS NOT NULL
            WHERE NOT l.granted
            ORDER BY l.pid
            """
        )
        let all: [Waiter] = try waiters.values()
        guard !all.isEmpty else { return Observation(waiters: []) }
        let pids = Set(all.map(\.pid) + all.flatMap(\.blockers)).sorted()
        let sessions = try await inspection.query(
            """
            /* millwright:blocked-queries */
            SELECT a.pid, a.state, a.usename, a.application_name, pg_catalog.left(a.query, 400),
                   extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)
            FROM pg_catalog.pg_stat_activity AS a
            WHERE a.pid = ANY (\(pids)::int[])
            ORDER BY a.pid
            """
        )
        return Observation(waiters: all, sessions: try sessions.values())
    }
}

extension BlockedQueries.Waiter: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.pid = try cursor.next()
        self.blockers = try cursor.next()
        self.seconds = try cursor.next()
        self.mode = try cursor.next()
        self.relation = try cursor.next()
    }
}

extension BlockedQueries.Session: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.pid = try cursor.next()
        self.state = try cursor.next()
        self.user = try cursor.next()
        self.application = try cursor.next()
        self.query = try cursor.next()
        self.transactionSeconds = try cursor.next()
    }
}
