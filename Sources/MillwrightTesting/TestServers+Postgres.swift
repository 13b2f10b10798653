// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres
import MillwrightSandbox

extension TestServers {
    /// Lends a connection whose first schema is new and its own, and drops the schema when `body` ends in any way.
    ///
    /// - Parameter role: who connects; the schema belongs to it.
    public func withSchema<Value: Sendable>(
        role: String = "app",
        _ body: (_ connection: PostgresConnection, _ schema: String) async throws -> Value
    ) async throws -> Value {
        let schema = Self.freshName("schema")
        return try await self.asSuperuser(
            before: "CREATE SCHEMA \(identifier: schema) AUTHORIZATION \(identifier: role)",
            after: "DROP SCHEMA \(identifier: schema) CASCADE"
        ) {
            let url = self.state.url(role: role) ?? ""
            return try await Self.withConnection(to: url) { connection in
                try await connection.execute("SET search_path TO \(identifier: schema), public")
                return try await body(connection, schema)
            }
        }
    }

    /// Lends a new database owned by `app`, with the sandbox's extensions, and drops it when `body` ends in any way.
    ///
    /// It costs about a tenth of a second: for tests that look at a whole database. `body` is given the URL of a role:
    /// `url("monitor")`.
    public func withDatabase<Value: Sendable>(
        _ body: (_ url: (_ role: String) -> String) async throws -> Value
    ) async throws -> Value {
        let database = Self.freshName("database")
        return try await self.asSuperuser(
            before: "CREATE DATABASE \(identifier: database) OWNER app",
            after: "DROP DATABASE \(identifier: database) WITH (FORCE)"
        ) {
            try await body { self.state.url(role: $0, database: database) ?? "" }
        }
    }

    /// A name that no other test has.
    static func freshName(_ stem: String) -> String { "\(stem)_\(String(UInt64.random(in: .min ... .max), radix: 36))" }

    private func asSuperuser<Value: Sendable>(
        before: SQL,
        after: SQL,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await Self.withConnection(to: self.superuserURL) { _ = try await $0.execute(before) }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        // A server that the test has broken takes its schemas with it.
        try? await Self.withConnection(to: self.superuserURL) { _ = try await $0.execute(after) }
        return try result.get()
    }

    private static func withConnection<Value: Sendable>(
        to url: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }
}
