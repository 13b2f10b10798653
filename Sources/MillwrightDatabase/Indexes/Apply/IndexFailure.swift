// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

/// Why a step failed, what proves it, and whether it left anything behind.
public struct IndexFailure: Error, Sendable, Hashable {
    /// The error for people.
    public var error: ToolError
    /// The keys that more than one row has, most frequent first, where that is why a unique index could not be built.
    public var duplicates: [DuplicateKey] = []
    /// The index that is left behind since it could not be dropped yet; the next run drops it.
    public var leftover: String?
}

/// A key that more than one row has.
public struct DuplicateKey: Sendable, Hashable {
    /// The key's values, as PostgreSQL writes a row: `(3,open)`.
    public var key: String
    /// How many rows have it.
    public var rows: Int
}

extension IndexFailure {
    /// Reads what stopped a step.
    init(_ error: any Error, in step: IndexStep) {
        if let error = error as? ToolError {
            self.init(error: error)
            return
        }
        if error is CancellationError {
            self.init(
                error: ToolError(
                    .notWell,
                    tried: "Ran the step: \(step.kind.rawValue) \(step.subject).",
                    stopped: "It was told to stop.",
                    next: "Run it again."
                )
            )
            return
        }
        let state = (error as? PostgresError)?.sqlState
        let (code, stopped, next) = Self.words(for: state, isOutage: (error as? PostgresError)?.isOutage ?? false)
        self.init(
            error: ToolError(
                code,
                tried: "Ran the step: \(step.kind.rawValue) \(step.subject).",
                stopped: stopped,
                next: next
            )
        )
    }

    static func words(for state: String?, isOutage: Bool) -> (ExitCode, String, String) {
        switch state {
        case "23505":
            (.notWell, "More than one row has the same key.", "Resolve the rows that the report lists, then try again.")
        case "42501":
            (.unavailable, "A permission is missing.", "Run it as the owner of the table.")
        case "55P03", "40P01":
            (.tryLater, "A lock was not to be had in time.", "Try again when the table is quiet.")
        case "53400":
            (
                .notWell, "A quota was reached: temp_file_limit.",
                "Raise it for this role, or give more maintenance_work_mem."
            )
        case "53100":
            (
                .notWell, "The disk, or the space this server may take of it, is full.",
                "Make room for the index and its sort first."
            )
        case "57014":
            (.notWell, "Somebody cancelled it.", "Ask who did, then try again.")
        case let state? where state.hasPrefix("53"):
            (.notWell, "The server ran out of resources (SQLSTATE \(state)).", "Choose a quiet hour.")
        case _ where isOutage:
            (.unavailable, "The connection to the server was lost.", "Run it again: it cleans up what was left behind.")
        default:
            (.notWell, "The server refused it (SQLSTATE \(state ?? "none")).", "Look at the server's log.")
        }
    }
}

extension DuplicateKey {
    /// Lists keys that keep a unique index from being built: by the remnant's own definition, so before it is dropped.
    static func read(for index: String, limit: Int = 10, from connection: PostgresConnection) async throws -> [Self] {
        let rows = try await connection.query(
            """
            /* millwright:index-duplicates */
            SELECT i.indrelid::regclass::text,
                   ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k.number, false)
                         FROM pg_catalog.generate_series(1, i.indnkeyatts::int) AS k (number) ORDER BY k.number),
                   pg_catalog.pg_get_expr(i.indpred, i.indrelid),
                   coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
            FROM pg_catalog.pg_index AS i
            WHERE i.indexrelid = pg_catalog.to_regclass(\(index)) AND i.indisunique
            """
        )
        guard let row = rows.first else { return [] }
        var cursor = RowCursor(row)
        let table = try cursor.next(String.self)
        let keys = try cursor.next([String].self).map { "(\($0))" }
        var conditions = try cursor.next(String?.self).map { [$0] } ?? []
        // Rows with a NULL in the key differ from each other, unless the index says otherwise.
        if !(try cursor.next(Bool.self)) { conditions += keys.map { "\($0) IS NOT NULL" } }
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return try await connection.query(
            SQL(
                unsafe: """
                    /* millwright:index-duplicates */
                    SELECT ROW(\(keys.joined(separator: ", ")))::text, count(*) FROM \(table) \(filter)
                    GROUP BY \(keys.joined(separator: ", ")) HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT \(limit)
                    """
            ),
            timeout: .seconds(60)
        ).map { DuplicateKey(key: try $0.get(0, as: String.self), rows: try $0.get(1, as: Int.self)) }
    }
}
