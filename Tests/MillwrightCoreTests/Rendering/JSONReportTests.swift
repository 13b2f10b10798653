// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightTesting
import Testing

@Suite("JSON reports")
struct JSONReportTests {
    @Test(
        "Every report keeps to the published schema",
        arguments: [Samples.tune, Samples.data, Samples.empty, Samples.hostile]
    )
    func schema(report: Report) throws {
        let schema = try JSONSchema(published: "report-v1")

        #expect(try schema.problems(in: report.rendered(as: .json)) == [])
    }

    @Test("The schema finds what is missing, wrong or not published")
    func schemaIsStrict() throws {
        let schema = try JSONSchema(published: "report-v1")
        let json = Samples.tune.rendered(as: .json)

        #expect(try schema.problems(in: json.replacing("\"command\"", with: "\"kommand\"")).count == 2)
        #expect(try !schema.problems(in: json.replacing("\"unknown\": 2", with: "\"unknown\": \"2\"")).isEmpty)
        #expect(try !schema.problems(in: json.replacing("\"critical\"", with: "\"fatal\"")).isEmpty)
        #expect(try !schema.problems(in: json.replacing("2025-11-21T", with: "yesterday ")).isEmpty)
    }

    @Test("An outcome carries its verdict, and a finding its evidence with units")
    func finding() throws {
        let outcome = Samples.tune.json["sections"]?.element(0)?["outcomes"]?.element(0)
        let finding = try #require(outcome?["findings"]?.element(0))

        #expect(outcome?["verdict"] == "finding")
        #expect(outcome?["reason"] == .null)
        #expect(finding["id"] == "indexes.W001")
        #expect(finding["evidence"]?.element(1) == ["name": "size", "value": 1_288_490_189, "unit": "bytes"])
        #expect(finding["remedy"]?["commands"] == ["DROP INDEX CONCURRENTLY public.\"Odd ix\";"])
        #expect(finding["fingerprint"] == "indexes.W001:public.\"Odd ix\"")
    }

    @Test("An unknown carries its reason and its cure")
    func unknown() {
        let outcome = Samples.tune.json["sections"]?.element(1)?["outcomes"]?.element(0)

        #expect(outcome?["verdict"] == "unknown")
        #expect(outcome?["reason"] == "Statistics of other roles are hidden.")
        #expect(outcome?["cure"] == "GRANT pg_read_all_stats TO app;")
    }

    @Test("A table's rows are objects of plain values, and its columns know their unit")
    func table() {
        let table = Samples.slowQueries.json

        #expect(table["columns"]?.element(2) == ["key": "total_seconds", "title": "Total", "unit": "seconds"])
        #expect(table["rows"]?.element(1)?["hit_ratio"] == .null)
        #expect(table["rows"]?.element(1)?["total_seconds"] == 0.000_35)
    }

    @Test("The document is one, ends with a newline and holds no control")
    func oneDocument() {
        let json = Samples.hostile.rendered(as: .json)

        #expect(
            json.hasPrefix("{\n  \"schema\": \"https://millwright.dev/schema/report/v1\",\n  \"command\": \"tune\",")
        )
        #expect(json.hasSuffix("\n}\n"))
        #expect(!json.holdsControls)
    }

    @Test("A command that failed writes the error document")
    func error() throws {
        let error = ToolError(.unavailable, tried: "Tried \"it\".", stopped: "It stopped.", next: "Start it.")

        #expect(
            error.json.text(pretty: false) == """
                {"schema":"https://millwright.dev/schema/error/v1","error":{"code":69,"tried":"Tried \\"it\\".",\
                "stopped":"It stopped.","next":"Start it."}}
                """
        )
        #expect(try JSONSchema(published: "error-v1").problems(in: error.json.text()) == [])
    }
}

extension JSONValue {
    fileprivate func element(_ index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }
}

extension String {
    /// Whether the text holds a control that a terminal would obey, or a bidirectional override.
    var holdsControls: Bool {
        self.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x0A: false
            case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E: true
            default: false
            }
        }
    }
}
