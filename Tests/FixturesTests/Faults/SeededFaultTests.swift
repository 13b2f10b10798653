// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import Fixtures

@Suite("Seeded faults")
struct SeededFaultTests {
    private let fault = SeededFault("indexes.W010", "a_idx", "It was made twice.", .beforeVacuum)

    @Test(
        "A finding names a fault by its id and its subject, whatever schema stands before it",
        arguments: [
            ("indexes.W010", "a_idx", true),
            ("indexes.W010", "public.a_idx", true),
            ("indexes.W010", "a_idx 42", true),
            ("indexes.W010", "public.aa_idx", false),
            ("indexes.W010", "public.a_idx2", false),
            ("indexes.W011", "a_idx", false),
        ]
    )
    func isNamed(findingID: String, subject: String, expected: Bool) {
        #expect(self.fault.isNamed(by: findingID, subject: subject) == expected)
    }

    @Test("No two faults would be named by one finding, and each has a story")
    func areDistinct() {
        let names = ERP.seededFaults.map { "\($0.findingID) \($0.subject)" }

        #expect(Set(names).count == ERP.seededFaults.count)
        #expect(ERP.seededFaults.allSatisfy { $0.story.hasSuffix(".") })
    }
}
