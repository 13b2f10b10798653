// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Reports that the renderers' tests share.
enum Samples {
    /// One finding of each severity, an unknown, two ok checks, facts, tables, charts, a score and what to do next.
    static let tune: Report = {
        let sections = [Self.indexes, Self.queries, Self.sequences, Self.caches]
        return Report(
            command: "tune",
            title: "Tune: database default, cache default",
            createdAt: 1_763_724_483,
            sections: sections,
            score: Score.of(sections: sections),
            next: ["manage index_audit --format table", "manage vacuum_schedule --apply"]
        )
    }()

    static let empty = Report(command: "tune", title: "Nothing", createdAt: 0)

    /// A report that is all data and no verdict, as `slow_queries` makes it.
    static let data = Report(
        command: "slow_queries",
        title: "Slow queries",
        createdAt: 1_763_724_483,
        sections: [Section("queries", title: "Slow queries", tables: [Self.slowQueries])]
    )

    static let indexes = Section(
        "indexes",
        title: "Indexes",
        facts: [
            Evidence("server", "PostgreSQL 15.14"), Evidence("indexes", 214), Evidence("window", .seconds(273_600)),
        ],
        outcomes: [
            CheckOutcome(
                name: "unused-indexes",
                title: "Unused indexes",
                verdict: .findings([
                    Finding(
                        "indexes.W001",
                        .warning,
                        on: "public.\"Odd ix\"",
                        message:
                            "Index on public.erp_orderitem was never scanned, but every write keeps it up to date.",
                        evidence: [
                            Evidence("idx_scan", 0), Evidence("size", .bytes(1_288_490_189)),
                            Evidence("statistics window", .seconds(273_600)),
                        ],
                        remedy: Remedy(
                            "Make sure that no replica uses it, then drop it.",
                            commands: ["DROP INDEX CONCURRENTLY public.\"Odd ix\";"]
                        ),
                        confidence: .medium,
                        weight: 1_288_490_189
                    )
                ]),
                seconds: 0.012
            ),
            CheckOutcome(
                name: "invalid-indexes",
                title: "Invalid indexes",
                verdict: .ok([Evidence("indexes", 214)]),
                seconds: 0.003_4
            ),
        ],
        charts: [
            Chart(
                "Largest indexes",
                kind: .bars,
                points: [
                    .init("erp_orderitem_pkey", .bytes(2 << 30)), .init("Odd ix", .bytes(1_288_490_189)),
                    .init("tiny", .bytes(8192)),
                ]
            )
        ]
    )

    static let slowQueries = Table(
        "slow_queries",
        title: "Slowest queries",
        columns: [
            .init("query", "Query"), .init("calls", "Calls"), .init("total_seconds", "Total"),
            .init("hit_ratio", "Hits"),
        ],
        rows: [
            ["SELECT *\n  FROM erp_salesorder\n WHERE customer_id = $1", 12_345, .seconds(81.2), .share(0.998_1)],
            ["UPDATE tasks SET title = $1, note = '日本語 | text' WHERE id = $2", 7, .seconds(0.000_35), .missing],
        ]
    )

    static let queries = Section(
        "queries",
        title: "Queries",
        outcomes: [
            CheckOutcome(
                name: "slow-queries",
                title: "Slow queries",
                verdict: .unknown(
                    reason: "Statistics of other roles are hidden.",
                    cure: "GRANT pg_read_all_stats TO app;"
                )
            ),
            CheckOutcome(
                name: "blocked-queries",
                title: "Blocked queries",
                verdict: .unknown(
                    reason: "Statistics of other roles are hidden.",
                    cure: "GRANT pg_read_all_stats TO app;"
                )
            ),
        ],
        tables: [Self.slowQueries],
        charts: [
            Chart(
                "Calls per minute",
                kind: .line,
                points: [.init("11:00", 10), .init("11:01", 25), .init("11:02", 17), .init("11:03", 40)]
            )
        ]
    )

    static let sequences = Section(
        "sequences",
        title: "Sequences",
        outcomes: [
            CheckOutcome(
                name: "exhausted-sequences",
                title: "Exhausted sequences",
                verdict: .findings([
                    Finding(
                        "sequences.C001",
                        .critical,
                        on: "public.erp_salesorder_id_seq",
                        message: "The sequence runs out in 3 d 4 h at its present rate.",
                        evidence: [Evidence("used", .share(0.97)), Evidence("last_value", 2_083_059_138)],
                        remedy: Remedy(
                            "Widen the column.",
                            commands: ["ALTER TABLE public.erp_salesorder ALTER COLUMN id TYPE bigint;"]
                        )
                    ),
                    Finding("sequences.E001", .error, on: "public.tasks_id_seq", message: "The sequence is not owned."),
                ]),
                seconds: 0.001
            )
        ]
    )

    static let caches = Section(
        "caches",
        title: "Caches",
        outcomes: [
            CheckOutcome(
                name: "cache-settings",
                title: "Cache settings",
                verdict: .findings([
                    Finding(
                        "caches.I001",
                        .info,
                        on: "default",
                        message: "No alias has a memory limit.",
                        evidence: [Evidence("maxmemory", .bytes(0))]
                    )
                ])
            ),
            CheckOutcome(name: "cache-hit-ratios", title: "Cache hit ratios", verdict: .ok([])),
        ]
    )

    /// Names that try to break out of every format.
    static let hostile: Report = {
        let name = "</script><script>alert(1)</script>\u{1B}[2J\u{1B}]0;owned\u{7}|`x`,\"y\"\r\n\u{202E}=1+1 \u{9B}31m"
        return Report(
            command: "tune",
            title: name,
            createdAt: 0,
            sections: [
                Section(
                    "indexes",
                    title: name,
                    facts: [Evidence(name, .text(name))],
                    outcomes: [
                        CheckOutcome(
                            name: name,
                            title: name,
                            verdict: .findings([
                                Finding(
                                    "indexes.W001",
                                    .warning,
                                    on: name,
                                    message: name,
                                    evidence: [Evidence(name, .text(name))],
                                    remedy: Remedy(name, commands: [name])
                                )
                            ])
                        ),
                        CheckOutcome(name: name, title: name, verdict: .unknown(reason: name, cure: name)),
                        CheckOutcome(name: name, title: name, verdict: .ok([Evidence(name, .text(name))])),
                    ],
                    tables: [Table("t", title: name, columns: [.init("a", name)], rows: [[.text(name)]])],
                    charts: [
                        Chart(name, kind: .bars, points: [.init(name, 1)]),
                        Chart(name, kind: .line, points: [.init(name, 1), .init(name, 2)]),
                    ]
                )
            ],
            score: Score(parts: [.init(name: name, possible: 10, points: 5)]),
            next: [name]
        )
    }()
}
