// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What a new private PostgreSQL is given: roles, extensions, the database `app`.
enum PostgresSetup {
    /// The roles, from the one that owns to the one that may nothing.
    static let roles = ["app", "monitor", "nobody_role"]

    /// The script for psql, which may be run again: a start that was killed half-way repeats it.
    static func script(passwords: [String: String]) -> String {
        """
        SET client_min_messages = warning;
        -- Or the passwords below could be read in the view of statements.
        SET pg_stat_statements.track = 'none';
        SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['app', 'monitor', 'nobody_role']) AS name
        WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
        GRANT pg_monitor TO app, monitor;
        \(Self.passwordStatements(passwords))
        -- In the template, so that every database made later has them too.
        \\connect template1
        SET client_min_messages = warning;
        SELECT format('CREATE EXTENSION IF NOT EXISTS %I', name) FROM pg_available_extensions
        WHERE name IN ('pg_stat_statements', 'hypopg', 'pgstattuple') \\gexec
        SELECT format('GRANT EXECUTE ON FUNCTION %s TO app', oid::regprocedure) FROM pg_proc
        WHERE proname = 'pg_stat_statements_reset' \\gexec
        \\connect postgres
        SELECT 'CREATE DATABASE app OWNER app' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'app') \\gexec

        """
    }

    // The passwords are hexadecimal digits of our own making, so there is nothing to quote.
    private static func passwordStatements(_ passwords: [String: String]) -> String {
        passwords.sorted { $0.key < $1.key }.map { "ALTER ROLE \($0.key) PASSWORD '\($0.value)';" }
            .joined(separator: "\n")
    }

    static func freshPasswords() -> [String: String] {
        var generator = SystemRandomNumberGenerator()
        return Dictionary(
            uniqueKeysWithValues: Self.roles.map { role in
                (
                    role,
                    (0..<2).map { _ in String(UInt64.random(in: .min ... .max, using: &generator), radix: 16) }.joined()
                )
            }
        )
    }

    /// The passwords in the format of libpq's `passfile`.
    static func passwordFile(_ passwords: [String: String]) -> String {
        passwords.sorted { $0.key < $1.key }.map { "127.0.0.1:*:*:\($0.key):\($0.value)\n" }.joined()
    }
}
