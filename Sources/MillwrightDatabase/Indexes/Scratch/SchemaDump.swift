// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres
import Subprocess
import SystemPackage

/// The definitions of what a copy needs, written by pg_dump, statement by statement.
struct SchemaDump: Sendable {
    /// What has to be there before the rows: first what is no table (schemas, extensions, types, functions), then the tables.
    let before: [String]
    /// What comes after the rows: constraints, indexes, statistics.
    let after: [String]

    /// Has pg_dump write the definitions as a snapshot shows them.
    ///
    /// - Parameters:
    ///   - program: pg_dump; the one on the path where `nil`.
    ///   - snapshot: an exported one.
    /// - Throws: ``ToolError`` where it is missing, too old, or fails.
    static func write(
        _ relations: [ScratchSource.Relation],
        of configuration: PostgresConfiguration,
        version: Int,
        snapshot: String,
        with program: String?
    ) async throws -> SchemaDump {
        let dump = DumpProgram(program: program, configuration: configuration)
        try await dump.check(against: version)
        let common = ["--snapshot=\(snapshot)", "--lock-wait-timeout=1000"]
        let tables = relations.map { "--table=\($0.qualified)" }
        let others = try await dump.run(common + ["--section=pre-data", "--exclude-table=*.*"])
        let before = try await dump.run(common + tables + ["--section=pre-data"])
        let after = try await dump.run(common + tables + ["--section=post-data"])
        return SchemaDump(
            before: Self.statements(of: others) + Self.statements(of: before),
            after: Self.statements(of: after).filter(Self.isWanted)
        )
    }

    /// The statements of a script; what newer releases write for psql alone is left out.
    static func statements(of script: String) -> [String] {
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.filter { !$0.hasPrefix("\\restrict ") && !$0.hasPrefix("\\unrestrict ") }
            .joined(separator: "\n")
        let bytes = Array(text.utf8)
        return QueryParser.statements(of: text).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// Whether it changes how statements are planned: triggers, rules and policies would only be in the way.
    static func isWanted(_ statement: String) -> Bool {
        guard let node = QueryParser.tree(of: statement)?["stmts"]?.elements.first?["stmt"] else { return true }
        let left = ["CreateTrigStmt", "RuleStmt", "CreatePolicyStmt", "CreateEventTrigStmt", "AlterEventTrigStmt"]
        guard left.allSatisfy({ node[$0] == nil }) else { return false }
        let changes = node["AlterTableStmt"]?["cmds"]?.elements ?? []
        let subtypes = changes.compactMap { $0["AlterTableCmd"]?["subtype"]?.text }
        return subtypes.isEmpty || !subtypes.allSatisfy { $0.contains("RowSecurity") || $0.contains("Trig") }
    }

    /// Whether it is a foreign key, which cannot be made where the table it leads to is left out.
    static func isForeignKey(_ statement: String) -> Bool {
        let node = QueryParser.tree(of: statement)?["stmts"]?.elements.first?["stmt"]
        return node?["AlterTableStmt"]?["cmds"]?.elements.contains {
            $0["AlterTableCmd"]?["def"]?["Constraint"]?["contype"]?.text == "CONSTR_FOREIGN"
        } ?? false
    }
}

/// Runs of pg_dump: without a shell, the password in the environment.
private struct DumpProgram: Sendable {
    let program: String?
    let configuration: PostgresConfiguration

    private static let tried = "Had pg_dump write the definitions of the tables for a scratch copy."
    private static let timeout = Duration.seconds(120)

    func check(against version: Int) async throws {
        let (status, text) = try await self.finish(["--version"], password: nil)
        let major = text.split(separator: " ").compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }.first
        guard status == .exited(0), let major else { throw Self.failed }
        guard major >= version / 10_000 else {
            throw ToolError(
                .unavailable,
                tried: Self.tried,
                stopped:
                    "It is of PostgreSQL \(major), and the server of \(version / 10_000): it reads no newer server than itself.",
                next: "Install the client programs of PostgreSQL \(version / 10_000), and put them first on the PATH."
            )
        }
    }

    func run(_ arguments: [String]) async throws -> String {
        let (connection, password) = try self.configuration.programArguments()
        let fixed = [
            "--schema-only", "--no-owner", "--no-privileges", "--no-comments", "--no-security-labels",
            "--no-publications",
            "--no-subscriptions", "--no-tablespaces", "--no-password", "--dbname=\(connection)",
        ]
        let (status, text) = try await self.finish(fixed + arguments, password: password)
        guard status == .exited(0) else { throw Self.failed }
        return text
    }

    private static let failed = ToolError(
        .unavailable,
        tried: tried,
        stopped: "It ended with an error, or a table was locked.",
        next: "Try `pg_dump --schema-only` of this database by hand: it says what is wrong."
    )

    private func finish(_ arguments: [String], password: Secret<String>?) async throws -> (TerminationStatus, String) {
        let result = try await withThrowingTaskGroup(of: (TerminationStatus, String)?.self) { group in
            group.addTask { try await self.started(arguments, password) }
            group.addTask {
                try await Task.sleep(for: Self.timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try Task.checkCancellation()
        guard let result else { throw Self.failed }
        return result
    }

    private func started(_ arguments: [String], _ password: Secret<String>?) async throws -> (TerminationStatus, String)
    {
        var environment = Environment.inherit
        if let password { environment = environment.updating(["PGPASSWORD": password.reveal()]) }
        do {
            let result = try await Subprocess.run(
                self.program.map { .path(FilePath($0)) } ?? .name("pg_dump"),
                arguments: Arguments(arguments),
                environment: environment,
                output: .string(limit: 256 * 1_048_576),
                error: .discarded
            )
            return (result.terminationStatus, result.standardOutput)
        } catch let error as SubprocessError where error.code == .executableNotFound || error.code == .spawnFailed {
            throw ToolError(
                .unavailable,
                tried: Self.tried,
                stopped: "The program is not there.",
                next: "Install it (Debian and Ubuntu: apt-get install postgresql-client), or measure in place with "
                    + "`--apply --verify`."
            )
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw ToolError(
                .unavailable,
                tried: Self.tried,
                stopped: "It could not be run: \(error.code).",
                next: "Try it by hand."
            )
        }
    }
}
