// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds databases whose transaction ids run out.
///
/// A server stops taking writes three million transactions before the oldest row would seem to lie in the future. Every
/// database counts, also one that takes no connections. Reaching `autovacuum_freeze_max_age` is no alarm: it only means that
/// anti-wraparound vacuum starts. Going far beyond it means that it does not get through.
struct TransactionIDAge: DatabaseCheck {
    static let name = "transaction-id-age"
    static let title = "Transaction ID age"
    static let ids = ["vacuum.W010", "vacuum.C011", "vacuum.W012"]
    static let concern = Concern.vacuum
    static let thresholds: [Threshold<Self>] = [
        .share("warningShare", \.warningShare, "The share of all transaction ids that may be used up."),
        .share("criticalShare", \.criticalShare, "The share at which service is at risk."),
        .factor("lateFactor", \.lateFactor, "How far beyond autovacuum_freeze_max_age vacuum is called late."),
    ]

    var warningShare = 0.5
    var criticalShare = 0.8
    var lateFactor = 1.5

    /// The ids that can be used before writes stop (PostgreSQL 14: three million before the end).
    static let limit = Double(1 << 31) - 3_000_000

    /// Which counter runs out.
    enum Counter: String, Sendable {
        case transactions = "transaction ids"
        case multixacts = "multixact ids"
    }

    /// A database or table with the ages of its oldest ids.
    struct Aged: Sendable, Hashable {
        var name: String
        var transactionAge: Int
        var multixactAge: Int
    }

    struct Observation: Sendable {
        var databases: [Aged]
        /// The oldest tables of this database, oldest first.
        var tables: [Aged] = []
        var rule = AutovacuumRule()
        /// The database we are connected to, quoted.
        var current = "postgres"
    }

    func verdict(on observation: Observation) -> Verdict {
        let findings = observation.databases.flatMap { database in
            [
                self.finding(database, .transactions, database.transactionAge, in: observation),
                self.finding(database, .multixacts, database.multixactAge, in: observation),
            ].compactMap { $0 }
        }
        let oldest = observation.databases.map(\.transactionAge).max() ?? 0
        return .of(findings, evidence: [Evidence("oldest transaction id's age", .count(oldest))])
    }

    func exhibits(on observation: Observation) -> Exhibits {
        let columns = [
            Table.Column("name", "Database"), Table.Column("transaction_age", "Transaction ID age"),
            Table.Column("share", "Of all"), Table.Column("multixact_age", "Multixact ID age"),
        ]
        let rows = observation.databases.map { database -> [Quantity] in
            [
                .text(database.name), .count(database.transactionAge),
                .share(Double(database.transactionAge) / Self.limit), .count(database.multixactAge),
            ]
        }
        return Exhibits(tables: [
            Table("transaction_id_age", title: "Transaction ID age", columns: columns, rows: rows)
        ])
    }

    private func finding(_ database: Aged, _ counter: Counter, _ age: Int, in observation: Observation) -> Finding? {
        let share = Double(age) / Self.limit
        let maximum =
            counter == .transactions ? observation.rule.freezeMaximumAge : observation.rule.multixactMaximumAge
        let id: (String, Severity)
        if share >= self.criticalShare {
            id = ("vacuum.C011", .critical)
        } else if share >= self.warningShare {
            id = ("vacuum.W010", .warning)
        } else if Double(age) > self.lateFactor * maximum {
            id = ("vacuum.W012", .warning)
        } else {
            return nil
        }
        let used = Quantity.share(share).text
        return Finding(
            id.0,
            id.1,
            on: counter == .transactions ? database.name : "\(database.name) (\(counter.rawValue))",
            message: id.0 == "vacuum.W012"
                ? "Anti-wraparound vacuum does not keep up in the database \(database.name)."
                : "The database \(database.name) has used \(used) of its \(counter.rawValue); at 100 % writes stop.",
            evidence: self.evidence(counter, age, maximum),
            remedy: self.remedy(for: database, counter, in: observation),
            weight: Double(age)
        )
    }

    private func evidence(_ counter: Counter, _ age: Int, _ maximum: Double) -> [Evidence] {
        [
            Evidence(counter == .transactions ? "age(datfrozenxid)" : "mxid_age(datminmxid)", .count(age)),
            Evidence("left", .count(Int(Self.limit) - age)),
            Evidence("anti-wraparound vacuum starts at", .count(Int(maximum))),
        ]
    }

    private func remedy(for database: Aged, _ counter: Counter, in observation: Observation) -> Remedy {
        let advice = "Look for what holds the horizon back, then freeze the oldest tables"
        guard database.name == observation.current else {
            return Remedy("\(advice) of that database.", commands: ["\\connect \(database.name)", "VACUUM (FREEZE);"])
        }
        let oldest = observation.tables.sorted {
            counter == .transactions ? $0.transactionAge > $1.transactionAge : $0.multixactAge > $1.multixactAge
        }
        return Remedy("\(advice).", commands: oldest.prefix(3).map { "VACUUM (FREEZE) \($0.name);" })
    }
}

extension TransactionIDAge {
    func collect(from inspection: Inspection) async throws -> Observation {
        let databases = try await inspection.query(
            """
            /* millwright:transaction-id-age */
            SELECT pg_catalog.quote_ident(d.datname), pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)
            FROM pg_catalog.pg_database AS d
            ORDER BY pg_catalog.age(d.datfrozenxid) DESC, d.datname
            """
        )
        let tables = try await inspection.query(
            """
            /* millwright:transaction-id-age */
            SELECT c.oid::regclass::text, pg_catalog.age(c.relfrozenxid), pg_catalog.mxid_age(c.relminmxid)
            FROM pg_catalog.pg_class AS c
            WHERE c.relkind IN ('r', 't', 'm') AND c.relfrozenxid <> '0'
            ORDER BY greatest(pg_catalog.age(c.relfrozenxid), pg_catalog.mxid_age(c.relminmxid)) DESC, c.oid
            LIMIT 10
            """
        )
        return Observation(
            databases: try databases.values(),
            tables: try tables.values(),
            rule: try await AutovacuumRule.read(from: inspection),
            current: quoted(inspection.server.database)
        )
    }
}

extension TransactionIDAge.Aged: RowDecodable {
    init(from cursor: inout RowCursor) throws {
        self.name = try cursor.next()
        self.transactionAge = try cursor.next()
        self.multixactAge = try cursor.next()
    }
}
