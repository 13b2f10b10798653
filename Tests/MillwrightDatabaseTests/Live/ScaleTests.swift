// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCore
import MillwrightDatabase
import MillwrightPostgres
import Testing

private let scaleURL = ProcessInfo.processInfo.environment["MILLWRIGHT_SCALE_URL"]

/// Runs against a database with 10,000 tables and 30,000 indexes, whose URL is in `MILLWRIGHT_SCALE_URL`.
///
/// Such a database takes half a minute to make, so it is made by hand: a loop over
/// `CREATE TABLE t… (id serial PRIMARY KEY, …)` and two indexes each.
@Suite("Scale", .enabled(if: scaleURL != nil))
struct ScaleTests {
    @Test("A look at 10,000 tables takes less than five seconds")
    func checkup() async throws {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(scaleURL ?? ""))
        let start = ContinuousClock.now

        let sections = try await Checkup().sections(on: connection)

        let seconds = ContinuousClock.now - start
        for outcome in sections.flatMap(\.outcomes) {
            print(outcome.name, outcome.seconds ?? 0, outcome.verdict.findings.count)
            if case .unknown(let reason, _) = outcome.verdict { print("   ", reason) }
        }
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        print(seconds, status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? "")
        #expect(seconds < .seconds(5))
        await connection.close()
    }
}
