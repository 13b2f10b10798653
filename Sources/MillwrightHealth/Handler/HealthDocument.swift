// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

public import MillwrightCore

/// Writes a snapshot as JSON: short for anybody, in full for those who may see details (schema health-v1).
enum HealthDocument {
    /// Fits into the first kilobyte that every prober reads, and says nothing but fixed words and the snapshot's id.
    static func brief(_ snapshot: HealthSnapshot, face: HealthFace) -> String {
        JSONValue.object([
            ("status", .string(snapshot.status(of: face).rawValue)),
            ("timestamp", Quantity.time(snapshot.time).json),
            ("snapshot", .string(snapshot.id)),
            ("codes", .array(Self.firstCodes(snapshot, face: face).map { .string($0) })),
        ]).text(pretty: false)
    }

    /// The worst codes, as many as fit into a short answer of any format.
    static func firstCodes(_ snapshot: HealthSnapshot, face: HealthFace) -> [String] {
        var length = 0
        return Array(
            snapshot.codes(of: face).prefix { code in
                // Prometheus's line is the longest: `millwright_health_reason{code="…"} 1.0`.
                length += code.utf8.count + 40
                return length <= 700
            }
        )
    }
}

extension HealthSnapshot {
    /// The whole snapshot as JSON, in the schema `health-v1`: what HTTP gives to those who may see details, and what
    /// `manage health_check --format json` prints.
    ///
    /// - Parameter looked: who looked, where that is not plain from the address: `itself`.
    public func document(of face: HealthFace = .health, looked: String? = nil) -> JSONValue {
        let head: [(key: String, value: JSONValue)] = [
            ("schema", .string("https://millwright.dev/schema/health/v1")),
            ("status", .string(self.status(of: face).rawValue)),
            ("timestamp", Quantity.time(self.time).json),
            ("snapshot", .string(self.id)),
            ("phase", .string(self.phase.rawValue)),
            ("group", .string(face.name)),
            ("codes", .array(self.codes(of: face).map { .string($0) })),
            ("checks", .object(self.entries(of: face).map { (key: $0.name, value: $0.json) })),
        ]
        return .object(head + (looked.map { [("looked", .string($0))] } ?? []))
    }
}

extension HealthSnapshot {
    /// The members that every check has in the document; all others are its figures.
    public static let checkMembers: Set<String> = [
        "status", "code", "criticality", "took_ms", "age_ms", "hanging", "hanging_since", "interval_ms", "deadline_ms",
        "max_age_ms", "thresholds",
    ]
}

extension HealthSnapshot.Entry {
    fileprivate var json: JSONValue {
        let head: [(key: String, value: JSONValue)] = [
            ("status", .string(self.result.status.rawValue)),
            ("code", .string(self.result.code)),
            ("criticality", .string(self.criticality.rawValue)),
            ("took_ms", Self.milliseconds(self.took)),
            ("age_ms", Self.milliseconds(self.age)),
            ("hanging", .bool(self.hangingSince != nil)),
            ("hanging_since", self.hangingSince.map { Quantity.time($0).json } ?? .null),
            ("interval_ms", Self.milliseconds(self.schedule.interval)),
            ("deadline_ms", Self.milliseconds(self.schedule.deadline)),
            ("max_age_ms", Self.milliseconds(self.schedule.maximumAge)),
            ("thresholds", .object(self.limits.map { (key: $0.name, value: $0.value.json) })),
        ]
        // A host's own fact must not stand where a member of the schema stands: no key may occur twice.
        let facts = self.result.facts.filter { !HealthSnapshot.checkMembers.contains($0.name) }
        return .object(head + facts.map { (key: $0.name, value: $0.value.json) })
    }

    private static func milliseconds(_ span: Duration?) -> JSONValue {
        .optional(span.map { ($0 / .microseconds(1)).rounded() / 1000 })
    }
}
