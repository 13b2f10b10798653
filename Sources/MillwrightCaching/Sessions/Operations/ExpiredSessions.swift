// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres

/// Deletes sessions that have expired, a short batch at a time.
///
/// A batch skips rows that somebody has locked, and begins where the last one ended, so that dead index entries are not read twice.
/// Whatever stops a run, the next one goes on: what was deleted is gone, the rest is still expired.
public struct ExpiredSessions: Sendable {
    /// Whose sessions.
    public enum Table: Sendable, Hashable {
        /// Millwright's own.
        case millwright
        /// Django's `django_session`, in the schema that `search_path` leads to.
        case django
    }

    /// How far a run is.
    public struct Progress: Sendable, Hashable {
        /// Rows deleted so far.
        public var deleted = 0
        /// Rows that had expired when the run began.
        public var expired = 0
        /// Batches so far.
        public var batches = 0
        /// The longest batch.
        public var longestBatch = Duration.zero
        /// Whether nothing is left but what others hold locked.
        public var isComplete = false
    }

    /// Whose sessions.
    public var table: Table
    /// The most rows of a batch.
    public var batchRows: Int
    /// When to stop; `nil` goes on to the end.
    public var maximumTime: Duration?
    /// How long to leave the server alone after each batch: 10 ms.
    public var pause: Duration = .milliseconds(10)

    /// Creates a run.
    public init(_ table: Table = .millwright, batchRows: Int = 5_000, maximumTime: Duration? = nil) {
        self.table = table
        self.batchRows = batchRows
        self.maximumTime = maximumTime
    }

    private var name: SQL { self.table == .django ? "django_session" : "millwright.sessions" }
    private var expiry: SQL { self.table == .django ? "expire_date" : "expires_at" }

    /// Counts the rows that have expired; changes nothing.
    public func count(on connection: PostgresConnection) async throws -> Int {
        try await connection.query(
            "/* millwright:clearsessions */ SELECT count(*) FROM \(self.name) WHERE \(self.expiry) < now()",
            timeout: .seconds(60),
            as: Int.self
        ).first ?? 0
    }

    /// Takes the lock that lets one run at a time work on a database; it ends with the connection.
    ///
    /// - Returns: whether it was free.
    public func takeLock(on connection: PostgresConnection) async throws -> Bool {
        // "Mill", and this command's number.
        let number = self.table == .django ? 61 : 60
        return try await connection.query(
            "/* millwright:clearsessions */ SELECT pg_try_advisory_lock(\(0x4D69_6C6C)::int, \(number)::int)",
            as: Bool.self
        ).first ?? false
    }

    /// Deletes them.
    ///
    /// - Parameter progress: is told after each batch.
    /// - Returns: how far it came.
    public func run(
        on connection: PostgresConnection,
        progress: (Progress) -> Void = { _ in }
    ) async throws -> Progress {
        // That an expired row is gone need not survive a power cut: it would be deleted again.
        try await connection.execute("SET synchronous_commit TO off")
        var state = Progress()
        state.expired = try await self.count(on: connection)
        var size = BatchSize(maximum: self.batchRows)
        var after = PostgresTimestamp.negativeInfinity
        let end = self.maximumTime.map { ContinuousClock.now + $0 }
        while end.map({ ContinuousClock.now < $0 }) ?? true {
            try Task.checkCancellation()
            let began = ContinuousClock.now
            let (rows, last) = try await self.delete(size.rows, from: after, on: connection)
            let took = began.duration(to: .now)
            guard let rows = rows, rows > 0, let last else {
                state.isComplete = true
                break
            }
            after = last
            state.deleted += rows
            state.batches += 1
            state.longestBatch = max(state.longestBatch, took)
            progress(state)
            size.took(took, for: rows)
            try await Task.sleep(for: self.pause)
        }
        return state
    }

    private func delete(
        _ rows: Int,
        from after: PostgresTimestamp,
        on connection: PostgresConnection
    ) async throws -> (Int?, PostgresTimestamp?) {
        let answer = try await connection.query(
            """
            /* millwright:clearsessions */
            WITH gone AS (
                DELETE FROM \(self.name) WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM \(self.name)
                    WHERE \(self.expiry) < now() AND \(self.expiry) >= \(after)::timestamptz
                    ORDER BY \(self.expiry) LIMIT \(rows)
                    FOR UPDATE SKIP LOCKED
                ))
                RETURNING \(self.expiry) AS expiry
            )
            SELECT count(*), max(expiry) FROM gone
            """,
            timeout: .seconds(20)
        )
        return try answer.first.map { (try $0.get(0, as: Int.self), try $0.get(1, as: PostgresTimestamp?.self)) } ?? (
            nil, nil
        )
    }
}

/// How many rows the next batch deletes: so many that it takes about 50 ms, whatever the server and its load.
struct BatchSize: Sendable, Hashable {
    /// The most rows.
    let maximum: Int
    /// How long a batch should take.
    let target = Duration.milliseconds(50)
    private(set) var rows: Int

    init(maximum: Int) {
        self.maximum = maximum
        self.rows = min(maximum, 500)
    }

    mutating func took(_ time: Duration, for count: Int) {
        guard count > 0, time > .zero else { return }
        let fitting = Double(count) * (self.target / time)
        // At most twice as many at once: a batch that was quick by chance should not make the next one long.
        self.rows = max(1, min(self.maximum, self.rows * 2, Int(fitting.rounded())))
    }
}
