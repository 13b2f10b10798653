// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightPostgres
import Synchronization

/// A database that answers from a script and keeps what it was asked, for tests that need no server.
///
/// ```swift
/// import MillwrightPostgres
///
/// let database = ScriptedDatabase(rows: [["orders_pkey", 120], ["orders_note", nil]], columns: ["name", "pages"])
/// let sizes = try await database.query("SELECT name, pages FROM sizes WHERE pages < \(500)", as: (String, Int?).self)
/// print(sizes.count, database.statements[0].text)    // 2 SELECT name, pages FROM sizes WHERE pages < $1
/// ```
/// Values are answered as a server writes them in text and decoded by the driver itself. A task that is cancelled gets a
/// `CancellationError` in place of an answer; the time limit of a statement means nothing here.
public final class ScriptedDatabase: Querying {
    /// What is answered to one statement.
    public struct Answer: Sendable {
        fileprivate let result: Result<Rows, PostgresError>

        /// Rows, their values left to right; a column without a name is called by its place: `column1`.
        public static func rows(_ rows: [[(any PostgresEncodable)?]], columns: [String] = []) -> Self {
            let width = max(columns.count, rows.map(\.count).max() ?? 0)
            let names = (0..<width).map { columns.indices.contains($0) ? columns[$0] : "column\($0 + 1)" }
            return Self(result: .success(Rows(columns: names, texts: rows.map { $0.map { $0?.bind.text } })))
        }

        /// No rows, and how many a command touched.
        public static func affected(_ rows: Int) -> Self {
            Self(result: .success(Rows(columns: [], texts: [], affectedRows: rows)))
        }

        /// The statement fails.
        public static func error(_ error: PostgresError) -> Self { Self(result: .failure(error)) }
    }

    private let answer: @Sendable (SQL) async throws -> Answer
    private let asked = Mutex<[SQL]>([])

    /// Creates a database that answers every statement with the same rows.
    public convenience init(rows: [[(any PostgresEncodable)?]], columns: [String] = []) {
        let answer = Answer.rows(rows, columns: columns)
        self.init { _ in answer }
    }

    /// Creates a database that gives these answers one after the other; a statement after the last is an error (`usage`).
    public convenience init(_ answers: [Answer]) {
        let rest = Script(answers)
        self.init { _ in
            guard let answer = rest.next() else {
                throw PostgresError(.usage, serverMessage: "the script has no answer left")
            }
            return answer
        }
    }

    /// Creates a database that asks `answer` for each statement.
    public init(answer: @escaping @Sendable (SQL) async throws -> Answer) { self.answer = answer }

    /// The statements so far, in the order in which they were asked.
    public var statements: [SQL] { self.asked.withLock { $0 } }

    /// Answers from the script.
    public func query(_ sql: SQL, timeout: Duration?) async throws -> Rows {
        try Task.checkCancellation()
        self.asked.withLock { $0.append(sql) }
        return try await self.answer(sql).result.get()
    }
}
