// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Finds out whether a pooler swaps the server connection between two statements.
///
/// Behind such a pooler a session's lock is taken on one connection and missing on the next. PgBouncer gives the client
/// a process number of its own making, so a number that differs from the server's shows that a pooler is there; two
/// open sessions that meet the same server process show that it swaps.
///
/// ```swift
/// let connection = try await PostgresConnection.connect(PostgresConfiguration("postgres://app@/erp"))
/// if try await PoolerProbe.swaps(connection) { print("A lock of this session would protect nobody.") }
/// ```
public enum PoolerProbe {
    /// How often both sessions are asked: under other traffic, one answer may be luck.
    static let rounds = 5

    /// Whether these server processes, met by two sessions open at the same time, were swapped.
    static func isSwapping(_ one: [Int], _ other: [Int]) -> Bool {
        Set(one).count > 1 || Set(other).count > 1 || !Set(one).isDisjoint(with: other)
    }

    /// Whether a session-level lock on this connection would protect nothing.
    ///
    /// Where there is a pooler and a second session cannot be had to try it, the answer is yes: better no change than
    /// two at a time.
    public static func swaps(_ connection: PostgresConnection) async throws -> Bool {
        let first = try await Self.process(connection)
        if await Int(connection.backendPID) == first { return false }
        guard let second = try? await PostgresConnection.connect(connection.configuration) else { return true }
        do {
            var one = [first]
            var other: [Int] = []
            for _ in 0..<Self.rounds {
                other.append(try await Self.process(second))
                one.append(try await Self.process(connection))
            }
            await second.close()
            return Self.isSwapping(one, other)
        } catch {
            await second.close()
            return true
        }
    }

    private static func process(_ connection: PostgresConnection) async throws -> Int {
        let rows = try await connection.query("/* millwright:pooler-probe */ SELECT pg_backend_pid()")
        return try rows.first?.get(0, as: Int.self) ?? 0
    }
}
