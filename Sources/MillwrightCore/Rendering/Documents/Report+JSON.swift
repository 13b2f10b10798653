// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Report {
    /// The report as JSON, schema `https://millwright.dev/schema/report/v1`.
    ///
    /// Within version 1 members are only added: none is renamed, removed or changed in type.
    public var json: JSONValue {
        [
            "schema": "https://millwright.dev/schema/report/v1",
            "command": .string(self.command),
            "title": .string(self.title),
            "created_at": Quantity.time(self.createdAt).json,
            "summary": self.summaryJSON,
            "score": self.score?.json ?? .null,
            "sections": .array(self.sections.map(\.json)),
            "next": .array(self.next.map(JSONValue.string)),
        ]
    }

    private var summaryJSON: JSONValue {
        let tally = Tally(self.outcomes)
        return [
            "worst": .optional(self.worst?.rawValue),
            "critical": .int(tally.findings[.critical] ?? 0),
            "error": .int(tally.findings[.error] ?? 0),
            "warning": .int(tally.findings[.warning] ?? 0),
            "info": .int(tally.findings[.info] ?? 0),
            "ok": .int(tally.ok),
            "unknown": .int(tally.unknown),
        ]
    }
}

extension Score {
    fileprivate var json: JSONValue {
        [
            "value": .optional(self.value),
            "parts": .array(
                self.parts.map { part in
                    [
                        "name": .string(part.name),
                        "possible": .double(part.possible),
                        "points": .double(part.points),
                        "unknown": .int(part.unknown),
                    ]
                }
            ),
        ]
    }
}

extension Section {
    fileprivate var json: JSONValue {
        [
            "key": .string(self.key),
            "title": .string(self.title),
            "facts": .array(self.facts.map(\.json)),
            "outcomes": .array(self.outcomes.map(\.json)),
            "tables": .array(self.tables.map(\.json)),
            "charts": .array(self.charts.map(\.json)),
        ]
    }
}

extension CheckOutcome {
    fileprivate var json: JSONValue {
        var name = "ok"
        var (evidence, findings, reason, cure): ([Evidence], [Finding], String?, String?) = ([], [], nil, nil)
        switch self.verdict {
        case .findings(let found): (name, findings) = ("finding", found)
        case .ok(let seen): evidence = seen
        case .unknown(let why, let how): (name, reason, cure) = ("unknown", why, how)
        }
        return [
            "name": .string(self.name),
            "title": .string(self.title),
            "verdict": .string(name),
            "seconds": .optional(self.seconds),
            "reason": .optional(reason),
            "cure": .optional(cure),
            "evidence": .array(evidence.map(\.json)),
            "findings": .array(findings.map(\.json)),
        ]
    }
}

extension Finding {
    /// The finding as JSON, as it stands in a report.
    public var json: JSONValue {
        [
            "id": .string(self.id),
            "severity": .string(self.severity.rawValue),
            "subject": .string(self.subject),
            "message": .string(self.message),
            "evidence": .array(self.evidence.map(\.json)),
            "remedy": self.remedy.map { remedy in
                ["advice": .string(remedy.advice), "commands": .array(remedy.commands.map(JSONValue.string))]
            } ?? .null,
            "confidence": .string(self.confidence.rawValue),
            "weight": .double(self.weight),
            "fingerprint": .string(self.fingerprint),
        ]
    }
}

extension Evidence {
    /// The fact as JSON: name, value, and the value's unit.
    public var json: JSONValue {
        ["name": .string(self.name), "value": self.value.json, "unit": .string(self.value.unit)]
    }
}

extension Table {
    /// The table as JSON: each row an object whose keys are the columns' keys.
    public var json: JSONValue {
        let columns = self.columns.indices.map { index -> JSONValue in
            let column = self.columns[index]
            return [
                "key": .string(column.key), "title": .string(column.title), "unit": .optional(self.unit(of: index)),
            ]
        }
        let rows = self.rows.map { row -> JSONValue in
            .object(zip(self.columns, row).map { (key: $0.key, value: $1.json) })
        }
        return [
            "key": .string(self.key), "title": .string(self.title), "columns": .array(columns), "rows": .array(rows),
        ]
    }

    /// The one unit of a column's values, or `nil` where they are missing or mixed.
    private func unit(of column: Int) -> String? {
        let units = Set(self.rows.map { column < $0.count ? $0[column].unit : "missing" }).subtracting(["missing"])
        return units.count == 1 ? units.first : nil
    }
}

extension Chart {
    fileprivate var json: JSONValue {
        [
            "title": .string(self.title),
            "kind": .string(self.kind.rawValue),
            "points": .array(
                self.points.map { point in
                    ["label": .string(point.label), "value": point.value.json, "unit": .string(point.value.unit)]
                }
            ),
        ]
    }
}
