// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// A database for a scratch copy: made empty, and dropped whatever happens.
///
/// Its name tells the number of an advisory lock that its run holds from before it is made until after it is dropped. A database
/// of such a name whose lock nobody holds was left by a run that was killed.
struct ScratchDatabase: Sendable {
    let name: String
    /// A connection to another database of the server, which holds the lock.
    private let keeper: PostgresConnection

    private static let lockSpace = 0x4D69_6C6C
    private static let stem = "millwright_scratch_"
    private static let mark = "Millwright: "

    /// Lends a new database, and drops it when `body` ends in any way.
    ///
    /// - Parameters:
    ///   - server: the server, by any database of it.
    ///   - traits: how the source's database is made.
    static func lend<Value: Sendable>(
        on server: PostgresConfiguration,
        like traits: ScratchTraits,
        _ body: (ScratchDatabase) async throws -> Value
    ) async throws -> Value {
        let keeper = try await PostgresConnection.connect(server)
        do {
            try await IndexSession.refuse(keeper)
            try await Self.requireRight(on: keeper)
            try await Self.dropLeftovers(on: keeper)
            let database = try await Self.lock(keeper)
            let result: Result<Value, any Error>
            do {
                try await database.create(like: traits)
                result = .success(try await body(database))
            } catch {
                result = .failure(error)
            }
            // also where the task is cancelled
            let end = await Task { try await database.drop(server) }.result
            await keeper.close()
            let value = try result.get()
            try end.get()
            return value
        } catch {
            await keeper.close()
            throw error
        }
    }

    private static func requireRight(on connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            /* millwright:scratch-copy */
            SELECT r.rolcreatedb OR r.rolsuper, current_user::text
            FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
            """,
            as: (Bool, String).self
        )
        guard let (mayCreate, role) = rows.first, !mayCreate else { return }
        throw ToolError(
            .unavailable,
            tried: "Prepared a scratch copy to build and measure the set on.",
            stopped: "The role \(quoted(role)) may not create a database.",
            next:
                "ALTER ROLE \(quoted(role)) CREATEDB; or name another server with `--copy-to`, or measure in place with "
                + "`--apply --verify`."
        )
    }

    /// Drops the databases of runs that were killed.
    private static func dropLeftovers(on connection: PostgresConnection) async throws {
        let names = try await connection.query(
            """
            /* millwright:scratch-copy */
            SELECT d.datname::text
            FROM pg_catalog.pg_database AS d
            WHERE d.datname ~ \("^\(Self.stem)[0-9]{1,9}$") AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
              AND coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), \(Self.mark)) LIKE \(Self.mark + "%")
              AND NOT EXISTS (
                  SELECT FROM pg_catalog.pg_locks AS l
                  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = \(Self.lockSpace)::oid AND l.objsubid = 2
                    AND l.objid::text = pg_catalog.substr(d.datname, \(Self.stem.count + 1)::int))
            ORDER BY d.datname
            """,
            as: String.self
        )
        for name in names { try await Self.drop(name, on: connection) }
    }

    /// Takes a lock that nobody holds; the name follows from it.
    private static func lock(_ connection: PostgresConnection) async throws -> ScratchDatabase {
        while true {
            let number = Int.random(in: 100_000_000...999_999_999)
            let rows = try await connection.query(
                """
                /* millwright:scratch-copy */
                SELECT pg_catalog.pg_try_advisory_lock(\(Self.lockSpace)::int, \(number)::int)
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = \("\(Self.stem)\(number)"))
                """,
                as: Bool.self
            )
            if rows.first == true { return ScratchDatabase(name: "\(Self.stem)\(number)", keeper: connection) }
        }
    }

    private func create(like traits: ScratchTraits) async throws {
        var options = [
            "TEMPLATE template0", "ENCODING \(literal(traits.encoding))", "LC_COLLATE \(literal(traits.collate))",
            "LC_CTYPE \(literal(traits.ctype))",
        ]
        // PostgreSQL 15 brought ICU for a whole database, 17 the built-in provider.
        switch traits.provider {
        case "i": options += ["LOCALE_PROVIDER icu", "ICU_LOCALE \(literal(traits.locale))"]
        case "b": options += ["LOCALE_PROVIDER builtin", "BUILTIN_LOCALE \(literal(traits.locale))"]
        default: break
        }
        try await self.keeper.run(
            script: "CREATE DATABASE \(self.name) \(options.joined(separator: " "))",
            timeout: .seconds(300)
        )
        let comment =
            "\(Self.mark)a scratch copy of \(traits.database), on which indexes are measured. Where its run was killed, "
            + "the next one drops it."
        try await self.keeper.run(script: "COMMENT ON DATABASE \(self.name) IS \(literal(comment))")
        for (name, value) in traits.settings { try await self.set(name, to: value) }
    }

    /// What the source's database sets for its sessions; what the role may not set here stays the server's.
    private func set(_ name: String, to value: String) async throws {
        do {
            try await self.keeper.withTransaction { connection in
                _ = try await connection.query(
                    "/* millwright:scratch-copy */ SELECT pg_catalog.set_config(\(name), \(value), true)"
                )
                // a list keeps its quotes so
                try await connection.run(script: "ALTER DATABASE \(self.name) SET \(quoted(name)) FROM CURRENT")
            }
        } catch let error as PostgresError where error.code == .queryFailed {
            return
        }
    }

    private func drop(_ server: PostgresConfiguration) async throws {
        if await self.keeper.isUsable { return try await Self.drop(self.name, on: self.keeper) }
        let connection = try await PostgresConnection.connect(server)
        do {
            try await Self.drop(self.name, on: connection)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    private static func drop(_ name: String, on connection: PostgresConnection) async throws {
        do {
            try await connection.run(script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", timeout: .seconds(300))
        } catch let error as PostgresError where error.code == .queryFailed {
            throw ToolError(
                .notWell,
                tried: "Dropped a scratch copy.",
                stopped: "The server refused it (SQLSTATE \(error.sqlState ?? "none")).",
                next: "The next run tries it again, or: DROP DATABASE \(name) WITH (FORCE);"
            )
        }
    }
}

/// How a database is made, and what it sets for its sessions.
struct ScratchTraits: Sendable {
    var database: String
    var encoding: String
    var collate: String
    var ctype: String
    /// `c`, `i` or `b`.
    var provider: String
    var locale: String
    var settings: [(name: String, value: String)]

    static func read(from connection: PostgresConnection) async throws -> ScratchTraits {
        let rows = try await connection.query(
            """
            /* millwright:scratch-copy */
            SELECT d.datname::text, pg_catalog.pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datctype::text,
                   coalesce(j.d ->> 'datlocprovider', 'c'), coalesce(j.d ->> 'datlocale', j.d ->> 'daticulocale', '')
            FROM pg_catalog.pg_database AS d CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(d) AS d) AS j
            WHERE d.datname = pg_catalog.current_database()
            """
        )
        let settings = try await connection.query(
            """
            /* millwright:scratch-copy */
            SELECT s.name, pg_catalog.current_setting(s.name)
            FROM pg_catalog.pg_settings AS s WHERE s.source IN ('database', 'user', 'database user') ORDER BY s.name
            """,
            as: (String, String).self
        )
        var cursor = RowCursor(rows[0])
        return ScratchTraits(
            database: try cursor.next(),
            encoding: try cursor.next(),
            collate: try cursor.next(),
            ctype: try cursor.next(),
            provider: try cursor.next(),
            locale: try cursor.next(),
            settings: settings.map { ($0.0, $0.1) }
        )
    }
}
