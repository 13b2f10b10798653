// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Fixtures
import Foundation
import MillwrightSandbox
import MillwrightTesting

/// The demo as people run it, in a folder of its own.
struct Demo {
    let sandbox = TestServers.freshSandbox()
    private var folder: String { self.sandbox.folder + "/demo" }

    /// A finding of the report that the demo leaves behind.
    struct Found: Sendable, Hashable {
        var id: String
        var subject: String
        var severity: String

        /// Whether it is a warning or worse.
        var isGrave: Bool { self.severity != "info" }

        /// Whether it was put there on purpose.
        var isSeeded: Bool { ERP.seededFaults.contains { $0.isNamed(by: self.id, subject: self.subject) } }
    }

    /// Runs it; without a `workload` for as long as the script chooses.
    func run(workload: String? = nil) async throws -> ManageRun {
        var process = ManageProcess()
        process.program = Self.script
        process.environment = [
            "MANAGE": ManageProcess.executable, "DEMO_FOLDER": self.folder,
            "MILLWRIGHT_SANDBOX_FOLDER": self.sandbox.folder,
        ]
        process.environment["WORKLOAD"] = workload
        process.limit = .seconds(150)
        return try await process.run()
    }

    /// What the last run has found.
    func findings() throws -> [Found] {
        let text = try String(contentsOfFile: self.folder + "/tune.json", encoding: .utf8)
        return (JSONDocument(text)?.findings ?? []).map { finding in
            let text = { (key: String) in finding[key] as? String ?? "" }
            return Found(id: text("id"), subject: text("subject"), severity: text("severity"))
        }
    }

    // Tests/EndToEndTests/Demo/Demo.swift lies four levels below the package.
    private static var script: String {
        #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined() + "/scripts/demo"
    }
}
