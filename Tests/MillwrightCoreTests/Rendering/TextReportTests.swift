// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@Suite("Text reports")
struct TextReportTests {
    @Test("A report begins with its score and its parts, counts, and lists the worst first with evidence and remedy")
    func whole() {
        var report = Samples.tune
        report.sections.removeLast()

        #expect(
            report.rendered(as: .text, options: RenderOptions(width: 78)) == """
                Tune: database default, cache default                  2025-11-21 11:28:03 UTC

                Score 44 of 100
                  Indexes    ███████████████░░░░░  15/20
                  Queries    ····················  not judged  2 unknown
                  Sequences  ░░░░░░░░░░░░░░░░░░░░  0/40
                  Caches     ████████████████████  20/20

                1 critical, 1 error, 1 warning, 2 unknown, 1 ok.

                ✖ CRITICAL  public.erp_salesorder_id_seq  sequences.C001
                  The sequence runs out in 3 d 4 h at its present rate.
                  used 97 % · last_value 2,083,059,138
                  → Widen the column.
                      ALTER TABLE public.erp_salesorder ALTER COLUMN id TYPE bigint;

                ✗ ERROR  public.tasks_id_seq  sequences.E001
                  The sequence is not owned.

                ▲ WARNING  public."Odd ix"  indexes.W001
                  Index on public.erp_orderitem was never scanned, but every write keeps it up
                  to date.
                  idx_scan 0 · size 1.2 GB · statistics window 3 d 4 h
                  Confidence: medium.
                  → Make sure that no replica uses it, then drop it.
                      DROP INDEX CONCURRENTLY public."Odd ix";

                ? Slow queries, Blocked queries: could not tell. Statistics of other roles are
                  hidden.
                    GRANT pg_read_all_stats TO app;

                ✓ All well: Invalid indexes.

                Indexes
                server PostgreSQL 15.14 · indexes 214 · window 3 d 4 h

                Queries

                Slowest queries
                Query                                               Calls       Total     Hits
                ─────────────────────────────────────────────────  ──────  ──────────  ───────
                SELECT * FROM erp_salesorder WHERE customer_id =…  12,345  1 min 21 s  99.81 %
                UPDATE tasks SET title = $1, note = '日本語 | te…       7      350 µs        –

                Next
                  manage index_audit --format table
                  manage vacuum_schedule --apply

                """
        )
    }

    @Test("A quiet report has one line a finding, and no tables")
    func quiet() {
        let text = Samples.tune.rendered(as: .text, options: RenderOptions(verbosity: 0))

        #expect(text.contains("✗ ERROR sequences.E001 public.tasks_id_seq: The sequence is not owned.\n▲ WARNING"))
        #expect(!text.contains("DROP INDEX"))
        #expect(!text.contains("Slowest queries"))
    }

    @Test("A talkative report lists ok checks with their evidence, times and fingerprints")
    func talkative() {
        let text = Samples.tune.rendered(as: .text, options: RenderOptions(verbosity: 3))

        #expect(text.contains("✓ Invalid indexes (3.4 ms)\n  indexes 214\n"))
        #expect(text.contains("  Fingerprint: sequences.C001:public.erp_salesorder_id_seq\n"))
    }

    @Test("Many findings of one id are folded after the fifth, unless all are asked for")
    func folds() {
        let findings = (0..<40).map {
            Finding("indexes.W001", .warning, on: "ix\($0)", message: "Unused.", weight: Double(-$0))
        }
        let outcome = CheckOutcome(name: "unused-indexes", title: "Unused indexes", verdict: .findings(findings))
        let section = Section("indexes", title: "Indexes", outcomes: [outcome])
        let report = Report(command: "tune", title: "T", createdAt: 0, sections: [section])

        let short = report.rendered(as: .text)
        let long = report.rendered(as: .text, options: RenderOptions(verbosity: 2))

        #expect(short.contains("ix4  indexes.W001\n  Unused.\n\n  … and 35 more of indexes.W001: --verbosity 2 or"))
        #expect(!short.contains("ix5 "))
        #expect(long.contains("ix39  indexes.W001") && !long.contains("…"))
    }

    @Test("A report without checks says so; one that is all rows does not")
    func nothing() {
        #expect(
            Samples.empty.rendered(as: .text) == """
                Nothing                                                  1970-01-01 00:00:00 UTC

                Nothing was checked.

                """
        )
        #expect(!Samples.data.rendered(as: .text).contains("checked"))
    }

    @Test("A score that nothing could be judged for is not a number")
    func unknownScore() {
        let report = Report(
            command: "c",
            title: "T",
            createdAt: 0,
            score: Score(parts: [.init(name: "A", possible: 0, points: 0, unknown: 1)])
        )

        #expect(report.rendered(as: .text).contains("Score not known: nothing could be judged.\n"))
    }

    @Test("Width 0 neither wraps nor cuts")
    func unlimited() {
        let long = String(repeating: "word ", count: 100) + "end."
        let finding = Finding("a.W001", .warning, on: "s", message: long)
        let outcome = CheckOutcome(name: "a", title: "A", verdict: .findings([finding]))
        let section = Section("s", title: "S", outcomes: [outcome])
        let report = Report(command: "c", title: "T", createdAt: 0, sections: [section])

        #expect(report.rendered(as: .text, options: RenderOptions(width: 0)).contains("  \(long)\n"))
        #expect(report.rendered(as: .table, options: RenderOptions(width: 0)).contains(long))
    }

    @Test("Colour is written only where it was asked for, and closed again")
    func color() {
        let plain = Samples.tune.rendered(as: .text)
        let painted = Samples.tune.rendered(as: .text, options: RenderOptions(color: true))

        #expect(!plain.contains("\u{1B}"))
        #expect(painted.contains("\u{1B}[1;31m✖ CRITICAL\u{1B}[0m"))
        #expect(painted.replacing(#/\u{1B}\[[0-9;]+m/#, with: "") == plain)
    }

    @Test("A name cannot bring its own escape sequences, with colour or without", arguments: [true, false])
    func escapes(color: Bool) {
        let text =
            Samples.hostile.rendered(as: .text, options: RenderOptions(color: color, verbosity: 3))
            + Samples.hostile.rendered(as: .table, options: RenderOptions(color: color))

        #expect(!text.replacing(#/\u{1B}\[[0-9;]+m/#, with: "").holdsControls)
        #expect(text.contains("␛[2J␛]0;owned␇"))
    }

    @Test("An error is three sentences, one a line")
    func error() {
        let error = ToolError(.unavailable, tried: "Tried a.", stopped: "It \u{1B}[2J stopped.", next: "Start it.")

        #expect(error.text() == "Tried a.\nIt ␛[2J stopped.\nStart it.\n")
        #expect(
            error.text(options: RenderOptions(color: true))
                == "Tried a.\n\u{1B}[31mIt ␛[2J stopped.\u{1B}[0m\nStart it.\n"
        )
    }
}
