// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres
import Testing

@testable import MillwrightDatabase

@Suite("What keeps a check from looking")
struct ObstacleTests {
    private func obstacle(_ state: String) -> Obstacle {
        Obstacle(PostgresError(.queryFailed, sqlState: state), role: "weak", limits: Inspection.Limits())
    }

    @Test("A missing privilege comes with the GRANT")
    func privilege() {
        #expect(self.obstacle("42501").cure == "GRANT pg_monitor TO weak;")
    }

    @Test(
        "Time, locks and missing things are told apart",
        arguments: ["57014", "55P03", "42P01", "55000", "53300", "XX000"]
    )
    func states(state: String) {
        let reasons = Set(["57014", "55P03", "42P01", "55000", "53300", "XX000"].map { self.obstacle($0).reason })

        #expect(reasons.count == 6)
        #expect(self.obstacle(state).reason.hasSuffix("."))
    }

    @Test("An answer that a check does not understand is called so, and no fault of the connection")
    func misunderstanding() {
        let error = PostgresError(.decodingFailed, serverMessage: "column x")

        let obstacle = Obstacle(error, role: "weak", limits: .init())

        #expect(obstacle.reason.contains("column x"))
        #expect(!obstacle.reason.contains("connection"))
    }

    @Test("An error without a state is the connection's")
    func connection() {
        #expect(Obstacle(CancellationError(), role: "weak", limits: .init()).reason.contains("connection"))
    }

    @Test(
        "Names are quoted where the server would need it",
        arguments: [
            ("app", "app"), ("My App", "\"My App\""), ("user", "\"user\""), ("1st", "\"1st\""), ("a\"b", "\"a\"\"b\""),
            ("", "\"\""), ("a_1", "a_1"),
        ]
    )
    func names(name: String, text: String) {
        #expect(quoted(name) == text)
    }

    @Test("Literals keep quotes and backslashes")
    func literals() {
        #expect(literal("it's") == "'it''s'")
        #expect(literal("a\\b") == "E'a\\\\b'")
    }
}
