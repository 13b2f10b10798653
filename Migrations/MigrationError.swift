// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore
import MillwrightPostgres

/// Why migrations did not run: what a person reads, and the exit code that a script gets.
public struct MigrationError: Error, Sendable {
    /// What a script gets.
    public let exitCode: ExitCode
    /// What was tried.
    public let tried: String
    /// What stopped it; several reasons are several sentences.
    public let stopped: [String]
    /// What to do next.
    public let next: String
    /// What the server said, where it said something; not safe to show to everybody.
    public let underlying: (any Error)?

    init(
        _ exitCode: ExitCode,
        tried: String,
        stopped: [String],
        next: String,
        underlying: (any Error)? = nil
    ) {
        self.exitCode = exitCode
        self.tried = tried
        self.stopped = stopped
        self.next = next
        self.underlying = underlying
    }
}

extension MigrationError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One line: what was tried, what stopped it, what to do next.
    public var description: String { "\(self.tried) \(self.stopped.joined(separator: " ")) \(self.next)" }
    /// The same, with what the server said.
    public var debugDescription: String {
        [self.description, self.underlying.map { String(reflecting: $0) }].compactMap { $0 }.joined(separator: " | ")
    }
}

extension MigrationError {
    static func badFiles(app: String, _ mistakes: [String]) -> Self {
        Self(
            .settings,
            tried: "Read the migrations of \(app).",
            stopped: mistakes,
            next: "Name each step m0001_<what>.up.sql, numbered from 1 without a gap."
        )
    }

    static func refused(_ problems: [MigrationProblem]) -> Self {
        let isUsage = problems.allSatisfy { $0.kind == .unknownTarget }
        return Self(
            isUsage ? .usage : .notWell,
            tried: "Planned the migration.",
            stopped: problems.map(\.message),
            next: "Nothing was changed; `showmigrations` shows files and database side by side."
        )
    }

    static func locked(by holder: String) -> Self {
        Self(
            .tryLater,
            tried: "Asked for the migration lock.",
            stopped: ["\(holder) holds it."],
            next: "Nothing was changed; try again when that run has ended."
        )
    }

    static func pooled() -> Self {
        Self(
            .unavailable,
            tried: "Asked for the migration lock.",
            stopped: [
                "The server is behind a pooler that gives each transaction another connection (PgBouncer with "
                    + "pool_mode = transaction): a lock taken there protects nobody."
            ],
            next: "Nothing was changed; give `migrate` a URL that leads to PostgreSQL itself."
        )
    }

    static func readOnly(_ reason: String) -> Self {
        Self(
            .unavailable,
            tried: "Looked whether the database can be written.",
            stopped: [reason],
            next: "Nothing was changed; give `migrate` the URL of the primary."
        )
    }

    static func tooOld(_ server: PostgresServer) -> Self {
        Self(
            .unavailable,
            tried: "Asked the server for the files' checksums.",
            stopped: ["It is PostgreSQL \(server.majorVersion), and sha256() came with PostgreSQL 11."],
            next: "Nothing was changed; upgrade the server."
        )
    }

    static func failed(_ step: MigrationStep, _ error: any Error) -> Self {
        let lockTimedOut = (error as? PostgresError)?.sqlState == "55P03"
        let left =
            step.isOutsideTransaction
            ? "It runs without a transaction: what its earlier statements did is still there."
            : "It was rolled back; the steps before it stay."
        return Self(
            lockTimedOut ? .tryLater : .notWell,
            tried:
                "\(step.direction == .apply ? "Applied" : "Took back") \(step.migration.app) \(step.migration.title).",
            stopped: [(error as? PostgresError)?.description ?? "\(error)"],
            next:
                "\(left) \(lockTimedOut ? "Try again when the table is quieter." : "`--traceback` shows the server's words.")",
            underlying: error
        )
    }

    static func endedTransaction(_ step: MigrationStep) -> Self {
        Self(
            .notWell,
            tried: "Ran \(step.migration.app) \(step.migration.title).",
            stopped: ["The file ends its transaction itself."],
            next: "Take BEGIN, COMMIT and ROLLBACK out of it: each file runs in a transaction of its own."
        )
    }
}
