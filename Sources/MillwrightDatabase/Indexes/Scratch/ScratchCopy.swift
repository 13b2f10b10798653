// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Copies what some statements read from one database to another, as one snapshot shows it; the source is only read.
struct ScratchCopy: Sendable {
    let source: PostgresConfiguration
    let options: ScratchOptions
    let limits: IndexLimits
    let progress: @Sendable (IndexProgress) -> Void

    private static let tried = "Copied the tables that the measured statements read to a scratch database."

    /// Lends a copy of what some statements read, ready to be indexed and measured, and drops it when `body` ends in any way.
    func lend<Value: Sendable>(
        for statements: [String],
        _ body: (PostgresConfiguration, ScratchFacts) async throws -> Value
    ) async throws -> Value {
        do {
            return try await self.reading { reader in
                let start = ContinuousClock.now
                let found = try await ScratchSource.read(of: statements, from: reader)
                try found.check(against: self.options.maximumBytes)
                let server = self.options.server ?? self.source
                let traits = try await ScratchTraits.read(from: reader)
                return try await ScratchDatabase.lend(on: server, like: traits) { database in
                    let target = try server.connecting(toDatabase: database.name)
                    try await self.fill(target, with: found, reader)
                    // the snapshot would hold back VACUUM for as long as is measured
                    await reader.close()
                    let seconds = (ContinuousClock.now - start).seconds
                    let facts = ScratchFacts(tables: found.tables.count, bytes: found.bytes, seconds: seconds)
                    return try await body(target, facts)
                }
            }
        } catch let error as PostgresError {
            throw Self.words(for: error)
        }
    }

    /// Lends a connection in a transaction that sees one snapshot.
    private func reading<Value: Sendable>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        var configuration = self.source
        configuration.guards.isReadOnly = true
        configuration.guards.lockTimeout = .seconds(1)
        let reader = try await PostgresConnection.connect(configuration)
        do {
            // policies that would hide rows are an error then
            try await reader.run(
                script:
                    "SET row_security = off; SET IntervalStyle = postgres; SET extra_float_digits = 3; SET statement_timeout = 0"
            )
            try await reader.run(script: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            let value = try await body(reader)
            await reader.close()
            return value
        } catch {
            await reader.close()
            throw error
        }
    }

    private func fill(
        _ target: PostgresConfiguration,
        with found: ScratchSource,
        _ reader: PostgresConnection
    ) async throws {
        self.tell("reading the definitions")
        let snapshot = try await reader.query("SELECT pg_catalog.pg_export_snapshot()", as: String.self)[0]
        let dump = try await SchemaDump.write(
            found.relations,
            of: self.source,
            version: reader.server().versionNumber,
            snapshot: snapshot,
            with: self.options.program
        )
        let writer = try await PostgresConnection.connect(target)
        do {
            try await self.define(dump.before, found, on: writer)
            try await writer.run(script: "SET IntervalStyle = postgres")
            try await self.copyRows(of: found, from: reader, to: writer)
            for view in found.relations where view.kind == "m" {
                try await self.run("REFRESH MATERIALIZED VIEW \(view.qualified)", on: writer)
            }
            try await self.finish(dump.after, on: writer)
            try await self.settle(found, on: writer)
            await writer.close()
        } catch {
            await writer.close()
            throw error
        }
    }

    /// Makes what has to be there before the rows.
    ///
    /// A function may need a table, and a table a function: what fails is tried again as long as something else has come. What
    /// fails for good is not missed unless a table is.
    private func define(_ statements: [String], _ found: ScratchSource, on writer: PostgresConnection) async throws {
        var open = statements
        var failed: PostgresError?
        while !open.isEmpty {
            var left: [String] = []
            for (number, statement) in open.enumerated() {
                self.tell("making the tables", Double(number) / Double(open.count))
                do {
                    try await self.run(statement, on: writer)
                } catch let error as PostgresError where error.code == .queryFailed && !error.isFull {
                    left.append(statement)
                    failed = error
                }
            }
            guard left.count < open.count else { break }
            open = left
        }
        let missing = try await writer.query(
            """
            /* millwright:scratch-copy */
            SELECT n.name FROM pg_catalog.unnest(\(found.relations.map(\.qualified))::text[]) AS n (name)
            WHERE pg_catalog.to_regclass(n.name) IS NULL ORDER BY n.name
            """,
            as: String.self
        )
        guard let first = missing.first else { return }
        throw ToolError(
            .unavailable,
            tried: Self.tried,
            stopped:
                "\(first) could not be made there (SQLSTATE \(failed?.sqlState ?? "none")): what it needs, as an extension, "
                + "may be a superuser's to create.",
            next:
                "Run it as a role that may, name another server with `--copy-to`, or measure in place with `--apply --verify`."
        )
    }

    private func copyRows(of found: ScratchSource, from reader: PostgresConnection, to writer: PostgresConnection)
        async throws
    {
        var copied = 0
        for table in found.tables {
            self.tell("copying \(table.qualified)", Double(copied) / Double(max(1, found.bytes)))
            copied += table.bytes
            guard !table.columns.isEmpty else { continue }
            let list = "\(table.qualified) (\(table.columns.map(quoted).joined(separator: ", ")))"
            try await self.pump(
                SQL(unsafe: "/* millwright:scratch-copy */ COPY \(list) TO STDOUT"),
                from: reader,
                SQL(unsafe: "COPY \(list) FROM STDIN"),
                to: writer
            )
        }
    }

    private func pump(
        _ out: SQL,
        from reader: PostgresConnection,
        _ into: SQL,
        to writer: PostgresConnection
    ) async throws {
        let channel = ChunkChannel()
        let timeout = self.limits.build
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do {
                    _ = try await reader.copyOut(out, timeout: timeout) { try await channel.send($0) }
                    await channel.finish()
                    return nil
                } catch {
                    await channel.close()
                    return error
                }
            }
            group.addTask {
                do {
                    _ = try await writer.copyIn(into, timeout: timeout) { try await channel.next() }
                    return nil
                } catch {
                    await channel.close()
                    return error
                }
            }
            return await group.reduce(into: [any Error]()) { list, error in error.map { list.append($0) } }
        }
        try Task.checkCancellation()
        // one side's failure ends the other
        if let failure = failures.first(where: { !($0 is ChunkChannel.Closed) }) ?? failures.first { throw failure }
    }

    /// Makes keys, indexes and statistics; a foreign key to what was left out is left out as well.
    private func finish(_ statements: [String], on writer: PostgresConnection) async throws {
        for (number, statement) in statements.enumerated() {
            self.tell("making keys and indexes", Double(number) / Double(statements.count))
            do {
                try await self.run(statement, on: writer)
            } catch let error as PostgresError where error.sqlState == "42P01" && SchemaDump.isForeignKey(statement) {
                continue
            }
        }
    }

    /// Makes the journal, and gives the planner what it knows of the source: statistics, and which pages are seen by all.
    private func settle(_ found: ScratchSource, on writer: PostgresConnection) async throws {
        self.tell("analysing the copy")
        for table in found.relations where ["r", "p", "m"].contains(table.kind) {
            try await self.run("\(table.kind == "p" ? "ANALYZE" : "VACUUM (ANALYZE)") \(table.qualified)", on: writer)
        }
        for script in self.options.journal { try await self.run(script, on: writer) }
    }

    private func run(_ statement: String, on writer: PostgresConnection) async throws {
        try await writer.run(script: statement, timeout: self.limits.build)
    }

    private func tell(_ phase: String, _ share: Double? = nil) {
        self.progress(IndexProgress(activity: "making a scratch copy", phase: phase, share: share))
    }

    private static func words(for error: PostgresError) -> ToolError {
        let (code, stopped, next) = IndexFailure.words(for: error.sqlState, isOutage: error.isOutage)
        guard error.isFull else { return ToolError(code, tried: Self.tried, stopped: stopped, next: next) }
        return ToolError(
            .notWell,
            tried: Self.tried,
            stopped: "The disk, or the space that server may take of it, is full; the copy was dropped again.",
            next: "Make room, name another server with `--copy-to`, or measure in place with `--apply --verify`."
        )
    }
}

extension PostgresError {
    /// Whether the server had no room on its disk.
    fileprivate var isFull: Bool { self.sqlState == "53100" }
}
