// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightPostgres

/// Finds sequences that come to their end, or to the end of the column they fill.
///
/// The end is the smaller of the sequence's own limit and what the column's type can hold: a `bigint` sequence behind an
/// `integer` column ends at 2,147,483,647. Cycling sequences start anew and are left out unless the column is smaller.
///
/// Blind spot: a column that takes its values from a sequence it does not own.
struct ExpiringSequences: DatabaseCheck {
    static let name = "expiring-sequences"
    static let title = "Expiring sequences"
    static let ids = ["sequences.W001", "sequences.E002"]
    static let concern = Concern.sequences
    static let thresholds: [Threshold<Self>] = [
        .share("warningShare", \.warningShare, "The share of the numbers that may be used up."),
        .share("errorShare", \.errorShare, "The share from which the column has to be widened now."),
    ]

    var warningShare = 0.75
    var errorShare = 0.9

    /// A sequence with the column that owns it.
    struct Sequence: Sendable, Hashable {
        var oid = 0
        var name: String
        /// `table.column`, quoted.
        var column: String?
        /// The table alone.
        var table: String?
        /// `int2`, `int4`, `int8`, or another type without such an end.
        var columnType: String?
        var columnName: String?
        var start = 1
        var minimum = 1
        var maximum = Int.max
        var increment = 1
        var cycles = false
        var isReadable = true
        var lastValue: Int?
    }

    struct Observation: Sendable {
        var sequences: [Sequence]
        var role = "app"
    }

    func verdict(on observation: Observation) -> Verdict {
        let findings = observation.sequences.compactMap(self.finding)
        let hidden = observation.sequences.filter { !$0.isReadable }
        if findings.isEmpty, !hidden.isEmpty {
            return Obstacle.privilege("pg_read_all_data", for: observation.role, toSee: "\(hidden.count) sequences")
                .verdict
        }
        let most = observation.sequences.compactMap(\.usedShare).max() ?? 0
        return .of(
            findings,
            evidence: [Evidence("sequences", .count(observation.sequences.count)), Evidence("furthest", .share(most))]
        )
    }

    private func finding(_ sequence: Sequence) -> Finding? {
        guard let used = sequence.usedShare, used >= self.warningShare, let last = sequence.lastValue else {
            return nil
        }
        let isError = used >= self.errorShare
        return Finding(
            isError ? "sequences.E002" : "sequences.W001",
            isError ? .error : .warning,
            on: sequence.name,
            message: "The sequence has used \(Quantity.share(used).text) of the numbers"
                + "\(sequence.column.map { " that \($0) can hold" } ?? "").",
            evidence: [
                Evidence("last_value", .count(last)),
                Evidence("end", .count(sequence.end)),
                Evidence("left", .count(sequence.left(after: last))),
                Evidence("column type", sequence.columnType.map(Quantity.text) ?? .missing),
            ],
            remedy: sequence.remedy,
            weight: used
        )
    }
}

extension ExpiringSequences.Sequence {
    /// What the column's type can hold, in the direction the sequence goes.
    private var columnEnd: Int? {
        switch self.columnType {
        case "int2": self.increment > 0 ? Int(Int16.max) : Int(Int16.min)
        case "int4": self.increment > 0 ? Int(Int32.max) : Int(Int32.min)
        default: nil
        }
    }

    /// Where it ends: the nearer of its own limit and the column's.
    var end: Int {
        let own = self.increment > 0 ? self.maximum : self.minimum
        guard let column = self.columnEnd else { return own }
        return self.increment > 0 ? min(own, column) : max(own, column)
    }

    /// Whether it comes to an end that hurts.
    private var ends: Bool {
        let own = self.increment > 0 ? self.maximum : self.minimum
        return !self.cycles || self.end != own
    }

    /// The share of its numbers that is gone; nothing where it was never used, cannot be read, or never ends.
    var usedShare: Double? {
        guard let last = self.lastValue, self.ends else { return nil }
        let first = Double(self.increment > 0 ? min(self.start, self.minimum) : max(self.start, self.maximum))
        let whole = abs(Double(self.end) - first)
        return whole > 0 ? min(1, max(0, abs(Double(last) - first) / whole)) : nil
    }

    /// How many more it can give.
    func left(after last: Int) -> Int {
        let room = (Double(self.end) - Double(last)) / Double(self.increment)
        return Int(max(0, min(room, 9e18)))
    }

    var remedy: Remedy {
        guard self.columnEnd != nil, let table = self.table, let column = self.columnName else {
            return Remedy("Raise its limit.", commands: ["ALTER SEQUENCE \(self.name) AS bigint NO MAXVALUE;"])
        }
        return Remedy(
            "Widen the column and the columns that refer to it. The plain way rewrites the table under an exclusive lock; "
                + "a big table takes a new column, filled in steps and renamed.",
            commands: [
                "ALTER TABLE \(table) ALTER COLUMN \(column) TYPE bigint;",
                "ALTER SEQUENCE \(self.name) AS bigint NO MAXVALUE;",
            ]
        )
    }
}
