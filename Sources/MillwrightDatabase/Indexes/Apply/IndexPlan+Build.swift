// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

extension IndexPlan {
    /// Decides what has to be done to have the index that was asked for.
    ///
    /// - Throws: ``ToolError`` where it cannot or must not be built.
    init(_ situation: IndexSituation) throws(ToolError) {
        try Self.refuse(situation)
        let subject = "\(quoted(situation.table.schema)).\(quoted(situation.name))"
        if situation.table.kind == "p" {
            self = try Self.partitioned(situation, subject: subject)
            return
        }
        self.subject = subject
        self.steps = []
        if let existing = situation.named[subject] {
            if existing.isValid, try Self.isTheSame(existing, situation.table, in: situation) {
                self.note = "\(subject) is there already, valid and with this definition."
                return
            }
            self.steps.append(try Self.dropRemnant(existing, of: situation.table, in: situation))
        } else if let other = situation.equal[situation.table.oid]?.first {
            self.note = "\(other.name) is the same index under another name."
            return
        }
        self.steps.append(Self.build(subject, on: situation.table, as: situation))
        if situation.hasExpressions { self.steps.append(Self.analyze(situation.table)) }
    }

    private static func refuse(_ situation: IndexSituation) throws(ToolError) {
        let table = situation.table
        let tried = "Prepared to build an index on \(table.qualified)."
        guard ["r", "m", "p"].contains(table.kind) else {
            throw ToolError(.notWell, tried: tried, stopped: "It is no table.", next: "Index the tables below it.")
        }
        if let other = situation.tables.first(where: { !["r", "m", "p"].contains($0.kind) }) {
            throw ToolError(
                .notWell,
                tried: tried,
                stopped: "The partition \(other.qualified) is a foreign table, and the whole would never become valid.",
                next: "Index the other partitions one by one."
            )
        }
        if let foreign = situation.tables.first(where: { !$0.isOwned }) {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "Only the owner of \(foreign.qualified) may index it.",
                next: "Run it as \(quoted(foreign.owner)), or: GRANT \(quoted(foreign.owner)) TO the role that runs it."
            )
        }
        if let closed = situation.tables.first(where: { !$0.canCreate }) {
            throw ToolError(
                .unavailable,
                tried: tried,
                stopped: "The role may not create anything in the schema \(quoted(closed.schema)).",
                next: "GRANT CREATE ON SCHEMA \(quoted(closed.schema)) TO the role that runs it."
            )
        }
    }

    /// Whether what has the name is what was asked for, but for being valid.
    private static func isTheSame(
        _ existing: IndexSituation.Existing,
        _ table: IndexSituation.Table,
        in situation: IndexSituation
    ) throws(ToolError) -> Bool {
        if existing.table == table.oid, existing.rest == situation.rest,
            existing.isUnique == situation.request.isUnique
        {
            return true
        }
        throw ToolError(
            .notWell,
            tried: "Prepared to build \(existing.name).",
            stopped: existing.table == table.oid
                ? "An index of this name is there with another definition." : "Something else has this name.",
            next: "Choose another name, or drop or rename what is there."
        )
    }

    private static func dropRemnant(
        _ existing: IndexSituation.Existing,
        of table: IndexSituation.Table,
        in situation: IndexSituation
    ) throws(ToolError) -> IndexStep {
        _ = try Self.isTheSame(existing, table, in: situation)
        if existing.isBeingBuilt {
            throw ToolError(
                .tryLater,
                tried: "Prepared to build \(existing.name).",
                stopped: "Another session is building it.",
                next: "Wait until that build has ended."
            )
        }
        return IndexStep(
            kind: .dropRemnant,
            subject: existing.name,
            table: table.qualified,
            statement: "DROP INDEX CONCURRENTLY \(existing.name)"
        )
    }

    private static func build(
        _ subject: String,
        on table: IndexSituation.Table,
        as situation: IndexSituation
    ) -> IndexStep {
        let name = String(subject.dropFirst(quoted(table.schema).count + 1))
        let unique = situation.request.isUnique ? "UNIQUE " : ""
        return IndexStep(
            kind: .build,
            subject: subject,
            table: table.qualified,
            statement: "CREATE \(unique)INDEX CONCURRENTLY \(name) ON \(table.qualified) \(situation.request.rest)",
            undo: "DROP INDEX CONCURRENTLY \(subject)"
        )
    }

    private static func analyze(_ table: IndexSituation.Table) -> IndexStep {
        IndexStep(
            kind: .analyze,
            subject: table.qualified,
            table: table.qualified,
            statement: "ANALYZE \(table.qualified)"
        )
    }
}

// Partitioned tables: CONCURRENTLY is refused there, so the whole is made empty, and each partition's index is built and attached.
extension IndexPlan {
    private static func partitioned(_ situation: IndexSituation, subject: String) throws(ToolError) -> IndexPlan {
        var plan = IndexPlan(subject: subject, steps: [])
        var roots: [Int: (name: String, oid: Int)] = [:]
        for table in situation.tables {
            let isRoot = table.oid == situation.table.oid
            let own = isRoot ? subject : Self.memberName(of: situation.name, on: table)
            let equal = situation.equal[table.oid] ?? []
            let above = roots[table.parent]
            if let member = equal.first(where: { above != nil && $0.parent == above?.oid }) {
                roots[table.oid] = (member.name, member.oid)
                continue
            }
            let existing = situation.named[own] ?? equal.first { $0.parent == 0 }
            let name = existing?.name ?? own
            if table.kind == "p" { roots[table.oid] = (name, existing?.oid ?? -table.oid) }
            if let existing, try Self.isTheSame(existing, table, in: situation) {
                if !existing.isValid, table.kind != "p" {
                    plan.steps.append(try Self.dropRemnant(existing, of: table, in: situation))
                    plan.steps.append(Self.build(name, on: table, as: situation))
                }
            } else {
                plan.steps.append(
                    table.kind == "p"
                        ? Self.root(name, on: table, as: situation) : Self.build(name, on: table, as: situation)
                )
            }
            guard !isRoot, let above else { continue }
            plan.steps.append(
                IndexStep(
                    kind: .attach,
                    subject: name,
                    table: table.qualified,
                    statement: "ALTER INDEX \(above.name) ATTACH PARTITION \(name)"
                )
            )
        }
        if plan.steps.isEmpty { plan.note = "\(subject) is there already, with every member attached." }
        if situation.hasExpressions, !plan.steps.isEmpty { plan.steps.append(Self.analyze(situation.table)) }
        return plan
    }

    private static func root(
        _ subject: String,
        on table: IndexSituation.Table,
        as situation: IndexSituation
    ) -> IndexStep {
        let name = String(subject.dropFirst(quoted(table.schema).count + 1))
        let unique = situation.request.isUnique ? "UNIQUE " : ""
        return IndexStep(
            kind: .root,
            subject: subject,
            table: table.qualified,
            statement: "CREATE \(unique)INDEX \(name) ON ONLY \(table.qualified) \(situation.request.rest)",
            undo: "DROP INDEX \(subject)"
        )
    }

    /// The name of a partition's index: at most the 63 bytes that PostgreSQL keeps, and never cut to another one's.
    static func memberName(of index: String, on table: IndexSituation.Table) -> String {
        let whole = "\(table.name)_\(index)"
        guard whole.utf8.count > 63 else { return "\(quoted(table.schema)).\(quoted(whole))" }
        let end = "_\(table.oid)"
        var short = whole
        while short.utf8.count + end.utf8.count > 63 { short.removeLast() }
        return "\(quoted(table.schema)).\(quoted(short + end))"
    }
}
