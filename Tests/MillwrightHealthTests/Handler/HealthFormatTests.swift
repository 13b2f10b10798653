// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import MillwrightCore
import Testing

@testable import MillwrightHealth

@Suite("Formats of health answers")
struct HealthFormatTests {
    @Test(
        "An Accept header gets the best of what there is, and JSON where there is nothing",
        arguments: [
            (nil, .json), ("", .json), ("*/*", .json), ("text/html,application/xhtml+xml,*/*;q=0.8", .json),
            ("image/png", .json), ("application/json;q=0", .json), ("application/health+json", .healthJSON),
            ("text/plain", .text), ("TEXT/PLAIN; charset=utf-8", .text), ("text/*", .text),
            ("application/json;q=0.5, text/plain", .text), ("text/plain;q=0.2, application/json;q=0.9", .json),
            ("text/plain;version=0.0.4", .prometheus),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .prometheus),
            (";;;,,q=q", .json),
        ] as [(String?, HealthFormat)]
    )
    func negotiation(accept: String?, format: HealthFormat) {
        #expect(HealthFormat(accept: accept) == format)
    }

    private let snapshot = HealthSnapshot(
        id: "a-1",
        time: 0,
        phase: .serving,
        entries: [
            .init(
                "memory",
                criticality: .critical,
                result: .pass([Evidence("usage_percent", .number(42.5))]),
                took: .zero
            ),
            .init("say \"hi\"\n", criticality: .degrading, result: .init(.fail, code: "host.odd"), hangingSince: 0),
        ]
    )

    @Test("Text begins with the status, and tells checks and since when one hangs to those who may see them")
    func text() {
        let brief = HealthText.text(self.snapshot, face: .health, isDetailed: false)
        let detailed = HealthText.text(self.snapshot, face: .health, isDetailed: true)

        #expect(brief == "warn host.odd\nsnapshot a-1 1970-01-01 00:00:00 UTC\n")
        #expect(detailed.hasPrefix(brief) && detailed.contains("memory pass ok usage_percent 42.5"))
        #expect(detailed.contains("still running since 1970-01-01 00:00:00 UTC"))
    }

    @Test("Metrics are figures with escaped labels, and name no check to anybody who may not see it")
    func metrics() {
        let brief = HealthMetrics.text(self.snapshot, face: .health, isDetailed: false)
        let detailed = HealthMetrics.text(self.snapshot, face: .health, isDetailed: true)

        #expect(brief.contains("\nmillwright_health_status{group=\"health_check\"} 1.0\n"))
        #expect(brief.contains("millwright_health_reason{code=\"host.odd\"} 1.0") && !brief.contains("memory"))
        #expect(detailed.contains("millwright_health_check_status{check=\"say \\\"hi\\\"\\n\"} 2.0\n"))
        #expect(detailed.contains("{check=\"memory\",name=\"usage_percent\"} 42.5\n"))
        for line in detailed.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
        }
    }

    @Test("Whatever the format, the answer to anybody fits into a kilobyte and the status is the same")
    func size() async throws {
        let engine = try HealthEngine(
            (0..<100).map { number in
                ScriptedCheck("check-\(number)", criticality: .critical) {
                    HealthResult(.fail, code: "a.rather_long_code.\(number)")
                }
            }
        )
        await engine.sample()
        let handler = HealthHandler(engine)

        for accept in ["application/json", "text/plain", "text/plain;version=0.0.4", "application/health+json"] {
            let request = HTTPRequest(
                method: .get,
                scheme: nil,
                authority: nil,
                path: "/health_check",
                headerFields: [.accept: accept]
            )
            let answer = try #require(handler.response(to: request))
            #expect(answer.head.status == .serviceUnavailable)
            #expect(answer.body.utf8.count <= 1024 && answer.body.contains("a.rather_long_code.0"))
        }
    }

    @Test("A host's fact never hides a member of the schema")
    func reservedNames() {
        let facts = [Evidence("status", "green"), Evidence("jobs", 3)]
        let entry = HealthSnapshot.Entry(
            "printer",
            criticality: .critical,
            result: .init(.fail, code: "x", facts: facts)
        )
        let document = HealthSnapshot(id: "a", time: 0, phase: .serving, entries: [entry]).document()

        let printer = document["checks"]?["printer"]
        #expect(printer?["status"] == .string("fail") && printer?["jobs"] == .int(3))
        #expect(printer.map { $0.text(pretty: false).contains("green") } == false)
    }
}
