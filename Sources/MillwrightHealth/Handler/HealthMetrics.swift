// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// Writes a snapshot as Prometheus's text exposition: the fixed words for anybody, each check for those who may see details.
enum HealthMetrics {
    /// The samples of one question.
    static func text(_ snapshot: HealthSnapshot, face: HealthFace, isDetailed: Bool) -> String {
        var page = Page()
        page.family("millwright_health_status", "How the node is: 0 pass, 1 warn, 2 fail.")
        page.sample("millwright_health_status", [("group", face.name)], snapshot.status(of: face).number)
        page.family("millwright_health_reason", "Why it is not pass.")
        for code in HealthDocument.firstCodes(snapshot, face: face) {
            page.sample("millwright_health_reason", [("code", code)], 1)
        }
        if isDetailed { Self.write(snapshot.entries(of: face), to: &page) }
        return page.text
    }

    private static func write(_ entries: [HealthSnapshot.Entry], to page: inout Page) {
        page.family("millwright_health_check_status", "How a check is: 0 pass, 1 warn, 2 fail.")
        for entry in entries {
            page.sample("millwright_health_check_status", [("check", entry.name)], entry.result.status.number)
        }
        page.family("millwright_health_check_duration_seconds", "How long its last run took.")
        for entry in entries {
            guard let took = entry.took else { continue }
            page.sample("millwright_health_check_duration_seconds", [("check", entry.name)], took / .seconds(1))
        }
        page.family("millwright_health_check_age_seconds", "How long ago that run came back.")
        for entry in entries {
            guard let age = entry.age else { continue }
            page.sample("millwright_health_check_age_seconds", [("check", entry.name)], age / .seconds(1))
        }
        page.family("millwright_health_check_value", "What it saw.")
        for entry in entries {
            for fact in entry.result.facts {
                guard let number = fact.value.metric else { continue }
                page.sample("millwright_health_check_value", [("check", entry.name), ("name", fact.name)], number)
            }
        }
    }

    /// Lines of the exposition.
    private struct Page {
        var text = ""

        mutating func family(_ name: String, _ help: String) {
            self.text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
        }

        mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
            let labels = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
            self.text += "\(name){\(labels)} \(value)\n"
        }

        private static func escaped(_ text: String) -> String {
            text.map { ["\\": "\\\\", "\"": "\\\"", "\n": "\\n"][$0] ?? String($0) }.joined()
        }
    }
}

extension HealthStatus {
    fileprivate var number: Double { self == .pass ? 0 : self == .warn ? 1 : 2 }
}

extension Quantity {
    /// The figure, where it is one.
    fileprivate var metric: Double? {
        switch self {
        case .count(let count), .bytes(let count): Double(count)
        case .number(let number), .seconds(let number), .share(let number), .perSecond(let number), .time(let number):
            number
        case .flag(let flag): flag ? 1 : 0
        case .text, .missing: nil
        }
    }
}
