// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Writes a snapshot as JSON: short for anybody, in full for those who may see details (schema health-v1).
enum HealthDocument {
    /// Fits into the first kilobyte that every prober reads, and says nothing but fixed words and the snapshot's id.
    static func brief(_ snapshot: HealthSnapshot, face: HealthFace) -> String {
        var codes: [String] = []
        var length = 0
        for code in snapshot.codes(of: face) {
            length += code.utf8.count + 3
            guard length <= 700 else { break }
            codes.append(code)
        }
        return JSONValue.object([
            ("status", .string(snapshot.status(of: face).rawValue)),
            ("timestamp", Quantity.time(snapshot.time).json),
            ("snapshot", .string(snapshot.id)),
            ("codes", .array(codes.map { .string($0) })),
        ]).text(pretty: false)
    }
}

extension HealthSnapshot {
    /// The whole snapshot as JSON, in the schema `health-v1`: what HTTP gives to those who may see details, and what
    /// `manage health_check --format json` prints.
    public func document(of face: HealthFace = .health) -> JSONValue {
        .object([
            ("schema", .string("https://millwright.dev/schema/health/v1")),
            ("status", .string(self.status(of: face).rawValue)),
            ("timestamp", Quantity.time(self.time).json),
            ("snapshot", .string(self.id)),
            ("phase", .string(self.phase.rawValue)),
            ("codes", .array(self.codes(of: face).map { .string($0) })),
            ("checks", .object(self.entries.map { (key: $0.name, value: $0.json) })),
        ])
    }
}

extension HealthSnapshot.Entry {
    fileprivate var json: JSONValue {
        func milliseconds(_ span: Duration?) -> JSONValue {
            .optional(span.map { ($0 / .microseconds(1)).rounded() / 1000 })
        }
        let head: [(key: String, value: JSONValue)] = [
            ("status", .string(self.result.status.rawValue)),
            ("code", .string(self.result.code)),
            ("criticality", .string(self.criticality.rawValue)),
            ("took_ms", milliseconds(self.took)),
            ("age_ms", milliseconds(self.age)),
            ("hanging", .bool(self.isHanging)),
        ]
        return .object(head + self.result.facts.map { (key: $0.name, value: $0.value.json) })
    }
}
