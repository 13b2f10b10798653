// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Testing

/// A balancer's configuration as the documentation shows it, changed only where a test's servers and patience differ.
struct BalancerFile: Sendable {
    private(set) var text: String

    /// Reads `Documentation/<name>`.
    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        self.text = try String(contentsOf: root.appending(path: "Documentation/\(name)"), encoding: .utf8)
    }

    /// Puts a test's value in the place of the documented one, which must be there.
    mutating func replace(_ documented: String, by value: String) throws {
        try #require(self.text.contains(documented), "The documented configuration lacks `\(documented)`.")
        self.text.replace(documented, with: value)
    }

    /// Puts the two app servers' ports in.
    mutating func name(ports: [Int]) throws {
        for (number, port) in ports.enumerated() {
            try self.replace("10.0.0.1\(number + 1):8080", by: "127.0.0.1:\(port)")
        }
    }
}
