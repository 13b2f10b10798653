// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightHealth
import MillwrightToolkit

/// What was seen in one look, and who looked.
struct HealthLook: Sendable {
    /// How it is.
    var status: HealthStatus
    /// What JSON shows.
    var document: JSONValue
    /// What people are shown.
    var report: Report

    /// The line of a monitoring plugin: `HEALTH WARNING - redis.timed_out`.
    var line: String {
        let word = self.status == .pass ? "OK" : self.status == .warn ? "WARNING" : "CRITICAL"
        let codes = self.document["codes"].map(Self.words) ?? []
        return (["HEALTH \(word)"] + (codes.isEmpty ? [] : ["- " + codes.joined(separator: " ")])).joined(
            separator: " "
        )
    }

    static func words(_ value: JSONValue) -> [String] {
        guard case .array(let values) = value else { return [] }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
}

extension HealthLook {
    /// A look of this process itself.
    init(_ snapshot: HealthSnapshot, _ face: HealthFace, command: String, isDetailed: Bool) {
        self.status = snapshot.status(of: face)
        self.document = snapshot.document(of: face, looked: "itself")
        self.report = snapshot.report(command: command, of: face, isDetailed: isDetailed)
    }

    /// What a running server answered; `nil` where it is no health document.
    init?(answer body: String, from url: String, command: String, isDetailed: Bool, at time: Double) {
        guard let answered = JSONValue(parsing: body), case .object(let members) = answered,
            case .string(let word)? = answered["status"], let status = HealthStatus(rawValue: word),
            case .string? = answered["snapshot"]
        else { return nil }
        self.status = status
        self.document = .object(members.filter { $0.key != "looked" } + [("looked", .string(url))])
        self.report = AnsweredHealth(document: answered, url: url).report(
            command: command,
            isDetailed: isDetailed,
            at: time
        )
    }
}

/// A document that a running server sent, as a report for people.
private struct AnsweredHealth {
    var document: JSONValue
    var url: String

    func report(command: String, isDetailed: Bool, at time: Double) -> Report {
        let codes = self.document["codes"].map(HealthLook.words) ?? []
        let facts =
            [
                Evidence("status", self.quantity("status")),
                Evidence("codes", codes.isEmpty ? "none" : .text(codes.joined(separator: ", "))),
            ]
            // Whoever may not see details is told no group.
            + (self.document["group"] == nil ? [] : [Evidence("group", self.quantity("group"))]) + [
                Evidence("snapshot", self.quantity("snapshot")),
                Evidence("looked", .text("the server at \(self.url)")),
            ]
        let section = Section(
            "health",
            title: "Health",
            facts: facts,
            tables: self.table(isDetailed).map { [$0] } ?? []
        )
        return Report(command: command, title: "Health", createdAt: time, sections: [section])
    }

    /// `nil` where the server told no details.
    private func table(_ isDetailed: Bool) -> Table? {
        guard case .object(let checks)? = self.document["checks"] else { return nil }
        var columns: [Table.Column] = [.init("check", "Check"), .init("status", "Status"), .init("code", "Code")]
        if isDetailed { columns += [.init("took", "Took"), .init("facts", "Seen")] }
        let rows = checks.map { name, check -> [Quantity] in
            let head: [Quantity] = [
                .text(name), check["status"]?.quantity ?? .missing, check["code"]?.quantity ?? .missing,
            ]
            return isDetailed ? head + [check.milliseconds("took_ms"), .text(check.facts)] : head
        }
        return Table("health_checks", title: "Checks", columns: columns, rows: rows)
    }

    private func quantity(_ key: String) -> Quantity { self.document[key]?.quantity ?? .missing }
}

extension JSONValue {
    fileprivate var quantity: Quantity {
        switch self {
        case .string(let text): .text(text)
        case .int(let number): .count(number)
        case .double(let number): .number(number)
        case .bool(let flag): .flag(flag)
        case .null, .array, .object: .missing
        }
    }

    fileprivate func milliseconds(_ key: String) -> Quantity {
        switch self[key] {
        case .int(let number)?: .seconds(Double(number) / 1000)
        case .double(let number)?: .seconds(number / 1000)
        default: .missing
        }
    }

    /// The members of a check that are not every check's.
    fileprivate var facts: String {
        guard case .object(let members) = self else { return "" }
        return members.filter { !HealthSnapshot.checkMembers.contains($0.key) }
            .map { "\($0.key) \($0.value.quantity.text)" }.joined(separator: ", ")
    }
}
