// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightDatabase

@Suite("Real values of statements, from an example of each")
struct StatementExamplesTests {
    private func values(_ text: String, example: String) -> [Int: String] {
        StatementExamples(["7": example]).values(of: Statement(id: "7", text: text, calls: 1, totalSeconds: 1))
    }

    @Test("What stands in the place of a placeholder is its value, whatever blanks and comments are around")
    func values() {
        #expect(
            self.values(
                "SELECT id FROM t WHERE a = $1 AND b IN ($2, $3) AND c > $4 AND d = $5 AND e < $6 LIMIT $7",
                example: """
                    SELECT id /* page 2 */ FROM t WHERE a = 'it''s' AND b IN (1,2) AND c > -5
                        AND d = true AND e < 1.5 LIMIT 10
                    """
            ) == [1: "'it''s'", 2: "1", 3: "2", 4: "(-5)", 5: "true", 6: "1.5", 7: "10"]
        )
        #expect(
            self.values(
                "SELECT id FROM t WHERE a > now() - interval $1 AND b = $2",
                example: "SELECT id FROM t WHERE a > now() - interval '3 days' AND b = 0"
            ) == [1: "'3 days'", 2: "0"]
        )
    }

    @Test("A value that the application binds stays open")
    func bound() {
        #expect(
            self.values("SELECT 1 FROM t WHERE a = $1 AND b = $2", example: "SELECT 1 FROM t WHERE a = $1 AND b = 5")
                == [2: "5"]
        )
    }

    @Test(
        "An example that is cut off, or of another statement, gives nothing",
        arguments: [
            "SELECT id FROM t WHERE a =", "SELECT id FROM t WHERE b = 5", "SELECT id FROM u WHERE a = 5",
            "SELECT id FROM t WHERE a = 5 AND b = 6", "DELETE FROM t WHERE a = 5",
        ]
    )
    func others(example: String) {
        #expect(self.values("SELECT id FROM t WHERE a = $1", example: example) == [:])
    }

    @Test("A statement without an example has no values")
    func missing() {
        #expect(StatementExamples().values(of: Statement(id: "8", text: "SELECT $1", calls: 1, totalSeconds: 1)) == [:])
    }
}
