// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Glibc

/// A built program that runs beside the test: the example host, or `manage` itself.
struct BuiltHost: Sendable {
    private let process = Process()
    private let output = Pipe()

    init(_ arguments: [String], _ environment: [String: String], program: String = "ExampleHost") throws {
        // The executable lies beside that of the tests.
        self.process.executableURL = Bundle.main.bundleURL.appendingPathComponent(program)
        self.process.arguments = arguments
        self.process.environment = environment
        self.process.standardOutput = self.output
        self.process.standardError = FileHandle.nullDevice
        try self.process.run()
    }

    /// Sends it SIGTERM.
    func terminate() { self.process.terminate() }

    /// Ends it in any case; one that has ended is left alone.
    func kill() { if self.process.isRunning { Glibc.kill(self.process.processIdentifier, SIGKILL) } }

    /// Waits for its end without holding a thread that Swift's tasks share.
    func finished() async throws -> (status: Int32, output: String) {
        await withCheckedContinuation { waiter in
            let (process, output) = (self.process, self.output)
            Thread.detachNewThread {
                let data = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                waiter.resume(returning: (process.terminationStatus, String(decoding: data, as: UTF8.self)))
            }
        }
    }
}
