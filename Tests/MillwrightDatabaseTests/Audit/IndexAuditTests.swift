// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import MillwrightSandbox
import MillwrightTesting
import Testing

@Suite("The index audit", .enabled(if: TestServers.areAvailable), .timeLimit(.minutes(3)))
struct IndexAuditTests {
    @Test("Of all labelled cases it finds each and nothing else: as superuser, as pg_monitor, and after a crash")
    func labelledCases() async throws {
        let servers = try await TestServers.private(.postgresOnly)
        try await Self.build(on: servers)
        let expected = Set(AuditCase.all.flatMap(\.finds))

        for url in [servers.superuserURL, servers.monitorURL] {
            let sections = try await Self.look(url, window: "0s")
            Self.expect(sections, expected, url)
        }

        try await Self.connected(to: servers.superuserURL) { try await $0.run(script: "CHECKPOINT") }
        try await servers.server("postgres").kill()
        try await servers.server("postgres").restart()
        let counted = expected.filter { mark in AuditCase.countedIDs.contains { mark.hasPrefix($0) } }
        for url in [servers.superuserURL, servers.monitorURL] {
            let sections = try await Self.look(url, window: "1h")
            Self.expect(sections, expected.subtracting(counted), url)
            for name in ["unused-indexes", "low-value-indexes"] {
                guard case .unknown(_, let cure) = sections.verdict(of: name) else {
                    Issue.record(
                        "\(name) should not know after a crash: \(String(describing: sections.verdict(of: name)))"
                    )
                    continue
                }
                #expect(cure != nil)
            }
        }
        try await servers.remove()
    }

    @Test("There are at least sixty cases, each with a label of its own, and half of them are nothing to find")
    func cases() {
        let labels = Set(AuditCase.all.map(\.label))

        #expect(labels.count == AuditCase.all.count)
        #expect(AuditCase.all.count >= 60)
        #expect(AuditCase.all.filter(\.finds.isEmpty).count >= 30)
    }

    private static func expect(_ sections: [Section], _ expected: Set<String>, _ url: String) {
        let found = Set(sections.marks.map { $0.replacing(" audit.", with: " ") })
        let who = url.split(separator: "@").first ?? ""
        #expect(expected.subtracting(found).sorted() == [], "missed as \(who)")
        #expect(found.subtracting(expected).sorted() == [], "wrongly found as \(who)")
    }

    private static func build(on servers: TestServers) async throws {
        try await Self.connected(to: servers.superuserURL) { superuser in
            try await superuser.run(script: AuditCase.preparation)
        }
        try await Self.connected(to: servers.postgresURL) { owner in
            try await owner.run(script: "SET search_path = audit")
            for one in AuditCase.all {
                try await owner.run(script: one.sql)
                for statement in one.failing {
                    await #expect(throws: PostgresError.self, "\(one.label)") {
                        try await owner.run(script: statement)
                    }
                }
            }
            try await owner.run(script: "VACUUM ANALYZE")
            try await owner.run(script: "SELECT pg_stat_force_next_flush()")
        }
        try await Self.connected(to: servers.superuserURL) { superuser in
            for one in AuditCase.all where !one.asSuperuser.isEmpty { try await superuser.run(script: one.asSuperuser) }
        }
    }

    /// Looks with thresholds that make small things worth a finding.
    private static func look(_ url: String, window: String) async throws -> [Section] {
        let checks = try Checks.all(with: [
            "bloated-indexes": ["minimumWaste": "300kB", "maximumMeasurements": "200", "measuringTime": "20s"],
            "low-value-indexes": ["minimumWindow": window, "minimumWrites": "1000"],
            "missing-foreign-key-indexes": ["minimumBytes": "300kB"],
            "oversize-indexes": ["minimumBytes": "1MB"],
            "unused-indexes": ["minimumWindow": window, "minimumBytes": "300kB"],
        ])
        return try await Self.connected(to: url) { try await Checkup(checks: checks).sections(of: [.indexes], on: $0) }
    }

    private static func connected<Value: Sendable>(
        to url: String,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(url))
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }
}
