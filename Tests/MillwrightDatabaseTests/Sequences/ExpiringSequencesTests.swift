// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

@Suite("Expiring sequences")
struct ExpiringSequencesTests {
    private func sequence(_ last: Int?, change: (inout ExpiringSequences.Sequence) -> Void = { _ in })
        -> ExpiringSequences.Sequence
    {
        var sequence = ExpiringSequences.Sequence(name: "public.s", lastValue: last)
        change(&sequence)
        return sequence
    }

    private func marks(_ sequence: ExpiringSequences.Sequence) -> [String] {
        ExpiringSequences().verdict(on: .init(sequences: [sequence])).marks
    }

    @Test("A bigint sequence ends where its integer column does")
    func column() {
        let narrow: (inout ExpiringSequences.Sequence) -> Void = {
            ($0.columnType, $0.table, $0.columnName) = ("int4", "public.t", "id")
        }

        #expect(self.marks(self.sequence(2_000_000_000, change: narrow)) == ["sequences.E002 public.s"])
        #expect(self.marks(self.sequence(1_700_000_000, change: narrow)) == ["sequences.W001 public.s"])
        #expect(self.marks(self.sequence(2_000_000_000)) == [])
        #expect(
            self.sequence(1, change: narrow).remedy.commands == [
                "ALTER TABLE public.t ALTER COLUMN id TYPE bigint;", "ALTER SEQUENCE public.s AS bigint NO MAXVALUE;",
            ]
        )
    }

    @Test("A descending sequence ends at the other end")
    func descending() {
        let down: (inout ExpiringSequences.Sequence) -> Void = {
            ($0.increment, $0.start, $0.minimum, $0.maximum) = (-1, -1, -1000, -1)
        }

        #expect(self.marks(self.sequence(-950, change: down)) == ["sequences.E002 public.s"])
        #expect(self.marks(self.sequence(-10, change: down)) == [])
        #expect(self.sequence(-950, change: down).left(after: -950) == 50)
    }

    @Test("A cycling sequence starts anew, but not in a column that is too small for it")
    func cycling() {
        let cycling: (inout ExpiringSequences.Sequence) -> Void = { ($0.cycles, $0.maximum) = (true, 1000) }

        #expect(self.marks(self.sequence(999, change: cycling)) == [])
        #expect(
            self.marks(
                self.sequence(32_000) {
                    cycling(&$0)
                    ($0.maximum, $0.columnType) = (1_000_000, "int2")
                }
            ) == ["sequences.E002 public.s"]
        )
    }

    @Test("A sequence that was never used has used nothing; one that may not be read is not known")
    func hidden() {
        #expect(self.marks(self.sequence(nil)) == [])
        guard
            case .unknown(_, let cure) = ExpiringSequences().verdict(
                on: .init(sequences: [self.sequence(nil) { $0.isReadable = false }], role: "monitor")
            )
        else {
            Issue.record("It should not know.")
            return
        }
        #expect(cure == "GRANT pg_read_all_data TO monitor;")
    }
}
