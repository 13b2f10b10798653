// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// What is written down of each step before it is done, and once more after it, in `millwright.journal`.
struct IndexJournal: Sendable {
    /// How a step ended.
    enum End: String, Sendable {
        case done, failed, undone, abandoned
    }

    /// A step that was begun and never ended.
    struct Unfinished: Sendable, Hashable {
        var id: Int
        var subject: String
        var statement: String
        /// Whether it makes an index that would have had to prove itself.
        var mustProve: Bool
    }

    /// An index that was built to be measured, and was not before its run was killed.
    struct Unproved: Sendable, Hashable {
        var id: Int
        var subject: String
        /// What takes it back.
        var undo: String
        /// Whether it is the index of a partitioned table, which is dropped with its members.
        var isRoot: Bool
    }

    /// A step that is done and can be taken back.
    struct Undoable: Sendable, Hashable {
        var id: Int
        var subject: String
        var undo: String
    }

    static let command = "index"
    /// What stands beside a step that makes an index until that has proved itself.
    static let unproved = "It has not proved itself yet."

    let lookout: Lookout
    /// The run that the steps belong to.
    let run: String

    private var connection: PostgresConnection { get async throws { try await self.lookout.live } }

    /// Opens the journal, or says what is missing.
    static func open(on lookout: Lookout) async throws -> IndexJournal {
        let rows = try await lookout.live.query(
            """
            /* millwright:index-journal */
            SELECT \(OwnTable.oid("journal")) IS NOT NULL,
                   \(OwnTable.isOpen("journal", to: "SELECT, INSERT, UPDATE")),
                   current_user::text, pg_catalog.gen_random_uuid()::text
            """
        )
        var cursor = RowCursor(rows[0])
        let (exists, isOpen) = (try cursor.next(Bool.self), try cursor.next(Bool.self))
        let role = try cursor.next(String.self)
        let tried = "Opened the journal in which each step is written down before it is done."
        guard exists else {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "The table millwright.journal is not there.",
                next: "Run `manage migrate` first; nothing was changed."
            )
        }
        guard isOpen else {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "The role \(quoted(role)) may not write it.",
                next: "GRANT USAGE ON SCHEMA millwright TO \(quoted(role)); "
                    + "GRANT SELECT, INSERT, UPDATE ON millwright.journal TO \(quoted(role));"
            )
        }
        return IndexJournal(lookout: lookout, run: try cursor.next())
    }

    /// Writes down that a step begins, and returns its number.
    ///
    /// - Parameter mustProve: whether what it makes is dropped again unless it proves itself.
    func begin(_ step: IndexStep, number: Int, mustProve: Bool = false) async throws -> Int {
        let detail = mustProve && step.undo != nil ? Self.unproved : nil
        let rows = try await self.connection.query(
            """
            /* millwright:index-journal */
            INSERT INTO millwright.journal (run, command, step, subject, statement, undo, detail)
            VALUES (\(self.run)::uuid, \(Self.command), \(number), \(step.subject), \(step.statement), \(step.undo),
                    \(detail))
            RETURNING id
            """
        )
        return try rows[0].get(0, as: Int.self)
    }

    /// Writes down how a step ended; what stood beside it stays where there is nothing to say.
    func end(_ id: Int, _ end: End, _ detail: String? = nil) async throws {
        _ = try await self.connection.query(
            """
            /* millwright:index-journal */
            UPDATE millwright.journal
            SET state = \(end.rawValue), detail = coalesce(\(detail), detail), finished_at = clock_timestamp()
            WHERE id = \(id)
            """
        )
    }

    /// The steps of earlier runs that never ended; whoever asks holds the lock, so none of them is still at work.
    func unfinished() async throws -> [Unfinished] {
        try await self.connection.query(
            """
            /* millwright:index-journal */
            SELECT id, subject, statement, coalesce(detail = \(Self.unproved), false) FROM millwright.journal
            WHERE command = \(Self.command) AND state = 'started' ORDER BY id
            """
        ).map { row in
            var cursor = RowCursor(row)
            return Unfinished(
                id: try cursor.next(),
                subject: try cursor.next(),
                statement: try cursor.next(),
                mustProve: try cursor.next()
            )
        }
    }

    /// Writes down that what this run has built was measured: what did not prove itself was dropped.
    ///
    /// - Parameter outcomes: what became of it; what failed to be dropped stays unproved.
    func prove(_ outcomes: [IndexOutcome]) async throws {
        let failed = outcomes.filter { $0.failure != nil }.map(\.subject)
        _ = try await self.connection.query(
            """
            /* millwright:index-journal */
            UPDATE millwright.journal SET detail = NULL
            WHERE run = \(self.run)::uuid AND state = 'done' AND detail = \(Self.unproved)
              AND subject <> ALL (\(failed)::text[])
            """
        )
    }

    /// What was built to be measured and was not, wholes before their members; whoever asks holds the lock.
    func unproved() async throws -> [Unproved] {
        try await self.connection.query(
            """
            /* millwright:index-journal */
            SELECT id, subject, coalesce(undo, ''), statement LIKE '% ON ONLY %' FROM millwright.journal
            WHERE command = \(Self.command) AND state = 'done' AND detail = \(Self.unproved)
            ORDER BY statement LIKE '% ON ONLY %' DESC, id DESC
            """
        ).map { row in
            var cursor = RowCursor(row)
            return Unproved(
                id: try cursor.next(),
                subject: try cursor.next(),
                undo: try cursor.next(),
                isRoot: try cursor.next()
            )
        }
    }

    /// Indexes that a killed run has built to measure them and has not; none where a run is at work, or there is no journal.
    static func unproved(on connection: PostgresConnection) async throws -> [String] {
        let rows = try await connection.query(
            """
            /* millwright:index-journal */
            SELECT \(OwnTable.isOpen("journal", to: "SELECT"))
               AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_locks AS l
                   WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
                     AND l.classid = \(IndexSession.lockSpace)::oid AND l.objid = \(IndexSession.lockNumber)::oid
                     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
                                       WHERE d.datname = pg_catalog.current_database()))
            """,
            as: Bool.self
        )
        guard rows.first == true else { return [] }
        return try await connection.query(
            """
            /* millwright:index-journal */
            SELECT j.subject FROM millwright.journal AS j
            WHERE j.command = \(Self.command) AND j.state IN ('started', 'done') AND j.detail = \(Self.unproved)
              AND EXISTS (SELECT FROM pg_catalog.pg_index AS i
                          JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
                          JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                          WHERE j.subject IN (pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
                                              n.nspname || '.' || c.relname)
                            AND i.indisvalid)
            ORDER BY j.id
            """,
            as: String.self
        )
    }

    /// The drops that were done and not taken back since, last one first.
    func undoableDrops() async throws -> [Undoable] {
        try await self.connection.query(
            """
            /* millwright:index-journal */
            SELECT id, subject, undo FROM millwright.journal
            WHERE command = \(Self.command) AND state = 'done' AND undo LIKE 'CREATE %' ORDER BY id DESC
            """
        ).map { row in
            var cursor = RowCursor(row)
            return Undoable(id: try cursor.next(), subject: try cursor.next(), undo: try cursor.next())
        }
    }
}

/// What the next run does about a step that a killed one has begun.
enum IndexRecovery: Sendable, Hashable {
    /// Nothing is left: it is written off.
    case writeOff
    /// It had been finished: it is written down as done.
    case complete
    /// What is left of it is dropped.
    case dropRemnant
    /// It is a drop that was half done: it goes on.
    case finishDrop

    /// Decides by what is there of the index now.
    ///
    /// - Parameter isValid: whether the index is valid; `nil` where it does not exist.
    init(statement: String, isValid: Bool?) {
        let isBuild = statement.hasPrefix("CREATE ") && !statement.contains(" ON ONLY ")
        let isConcurrentDrop = statement.hasPrefix("DROP INDEX CONCURRENTLY")
        let isDrop = statement.hasPrefix("DROP ")
        self =
            switch isValid {
            case nil: isDrop ? .complete : .writeOff
            case false where isBuild: .dropRemnant
            case false where isConcurrentDrop: .finishDrop
            // What is not done step by step is either there as a whole or not at all.
            default: isDrop ? .writeOff : .complete
            }
    }
}
