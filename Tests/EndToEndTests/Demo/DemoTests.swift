// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("make demo", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(5)))
struct DemoTests {
    @Test("It finds every seeded fault and reports nothing else; a second run keeps what is there")
    func demo() async throws {
        let demo = Demo()
        let first = try await demo.run(workload: "10s")
        #expect(first.code == 0, "\(first)")
        let found = try demo.findings()
        let second = try await demo.run()
        #expect(second.code == 0, "\(second)")
        let again = try demo.findings()
        try await demo.sandbox.remove()

        #expect(first.stdout.contains("Look further"), "\(first)")
        #expect(second.stdout.contains("it was loaded already"), "\(second)")
        for findings in [found, again] {
            #expect(Self.missed(in: findings) == [], "\(findings)")
            #expect(findings.filter { $0.isGrave && !$0.isSeeded } == [])
        }
    }

    private static func missed(in findings: [Demo.Found]) -> [String] {
        ERP.seededFaults
            .filter { fault in !findings.contains { fault.isNamed(by: $0.id, subject: $0.subject) } }
            .map { "\($0.findingID) \($0.subject)" }
    }
}
