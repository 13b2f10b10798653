// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightHealth
import Testing

@Suite("Documentation of load balancers")
struct BalancerDocumentationTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")

    private func text(_ path: String) throws -> String {
        try String(contentsOf: self.root.appending(path: path), encoding: .utf8)
    }

    @Test("README shows the files that the tests run", arguments: ["haproxy.cfg", "nginx.conf"])
    func files(name: String) throws {
        #expect(try self.text("README.md").contains("\n```\n\(try self.text("Documentation/\(name)"))```\n"))
    }

    @Test(
        "README's table says what a prober's defaults come to",
        arguments: [
            ("haproxy", "8 s", "8 s"), ("k8s", "31 s", "8 s"), ("alb", "65 s", "65 s"), ("nginx", "never", "1 s"),
        ]
    )
    func table(name: String, detection: String, drain: String) throws {
        let prober = try Prober(name)
        let line = try self.text("README.md").split(separator: "\n").first { $0.hasPrefix("| `\(name)` (") } ?? ""
        let cells = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }

        #expect(prober.detectionTime.map { "\(Int($0 / .seconds(1))) s" } ?? "never" == detection)
        #expect("\(Int(prober.drain / .seconds(1))) s" == drain)
        #expect(cells.count == 3 && cells[1].hasPrefix(detection) && cells[2].hasPrefix(drain), "\(line)")
    }
}
