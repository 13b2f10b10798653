// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightTesting

/// A real Django beside the tests, from PyPI, in a virtual environment under `.build`.
struct DjangoPeer: Sendable {
    private let environment: [String: String]
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    // Made once, by whichever test asks first.
    private static let setup = Task { try await Self.run([Self.root.path + "/scripts/django-peer", "setup"], [:]) }

    init(_ servers: TestServers) async throws {
        _ = try await Self.setup.value
        self.environment = ["PEER_POSTGRES": servers.postgresURL, "PEER_REDIS": servers.redisURL]
    }

    /// Runs statements of Python in a project whose sessions are `cached_db`, and returns what they print.
    func run(_ script: String) async throws -> String {
        try await Self.run(
            [Self.root.path + "/scripts/django-peer", "run"],
            self.environment.merging(["PEER_SCRIPT": script]) { $1 }
        )
    }

    private static func run(_ command: [String], _ environment: [String: String]) async throws -> String {
        try await Task.detached {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = command
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            let (output, errors) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            let trouble = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw PeerFailure(trouble: trouble) }
            return text
        }.value
    }

    struct PeerFailure: Error { let trouble: String }
}
