// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
public import MillwrightPostgres

/// Since when Millwright knows the indexes of a database, in `millwright.index_history`: PostgreSQL does not tell when one was made.
public struct IndexHistory: Sendable {
    private let configuration: PostgresConfiguration

    /// Creates the history of the database that a configuration leads to.
    public init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// Keeps which indexes there are, and forgets those that are gone.
    ///
    /// - Returns: how many there are.
    /// - Throws: ``ToolError`` where the table is missing or closed to the role; `PostgresError`.
    public func keep() async throws -> Int {
        let connection = try await PostgresConnection.connect(self.configuration)
        do {
            let count = try await Self.keep(on: connection)
            await connection.close()
            return count
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func keep(on connection: PostgresConnection) async throws -> Int {
        try await self.requireTable(on: connection)
        return try await connection.withTransaction { connection in
            _ = try await connection.query(
                """
                /* millwright:index-history */
                DELETE FROM millwright.index_history AS h
                WHERE h.index_oid IS DISTINCT FROM pg_catalog.to_regclass(h.index_name)::oid
                """,
                timeout: .seconds(30)
            )
            _ = try await connection.query(
                """
                /* millwright:index-history */
                INSERT INTO millwright.index_history (index_name, index_oid)
                SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname), x.oid
                FROM pg_catalog.pg_class AS x
                JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
                WHERE x.relkind IN ('i', 'I') AND x.relpersistence <> 't'
                  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                ON CONFLICT (index_name) DO NOTHING
                """,
                timeout: .seconds(30)
            )
            return try await connection.query(
                "/* millwright:index-history */ SELECT pg_catalog.count(*) FROM millwright.index_history",
                as: Int.self
            )[0]
        }
    }

    private static func requireTable(on connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            /* millwright:index-history */
            SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                           WHERE a.attrelid = \(OwnTable.oid("index_history"))
                             AND a.attname = 'index_oid' AND NOT a.attisdropped),
                   \(OwnTable.isOpen("index_history", to: "SELECT, INSERT, DELETE")),
                   current_user::text
            """
        )
        var cursor = RowCursor(rows[0])
        let (exists, isOpen) = (try cursor.next(Bool.self), try cursor.next(Bool.self))
        let role = try cursor.next(String.self)
        if exists, isOpen { return }
        throw ToolError(
            .unavailable,
            tried: "Opened the table millwright.index_history, which keeps since when each index is known.",
            stopped: exists
                ? "The role \(quoted(role)) may not use it."
                : "It is not there or is an older one.",
            next: exists
                ? "GRANT USAGE ON SCHEMA millwright TO \(quoted(role)); "
                    + "GRANT SELECT, INSERT, DELETE ON millwright.index_history TO \(quoted(role));"
                : "Run `manage migrate` first."
        )
    }
}

extension Inspection {
    /// When Millwright first saw each index, by its qualified name; empty where its own schema is missing.
    func indexHistory() async throws -> [String: Double] {
        let exists = try await self.query(
            """
            /* millwright:index-history */
            SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                           WHERE a.attrelid = \(OwnTable.oid("index_history"))
                             AND a.attname = 'index_oid' AND NOT a.attisdropped
                             AND \(OwnTable.isOpen("index_history", to: "SELECT")))
            """
        )
        guard try exists[0].get(0, as: Bool.self) else { return [:] }
        let rows = try await self.query(
            """
            /* millwright:index-history */
            SELECT h.index_name::text, extract(epoch FROM h.first_seen)::float8
            FROM millwright.index_history AS h
            JOIN pg_catalog.pg_class AS c ON c.oid = h.index_oid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) = h.index_name
            ORDER BY h.index_name
            """
        )
        let pairs = try rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: Double.self)) }
        return Dictionary(pairs) { first, _ in first }
    }
}
