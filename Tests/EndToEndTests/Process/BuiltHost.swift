// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Glibc

/// A built program that runs beside the test: the example host, or `manage` itself.
struct BuiltHost: Sendable {
    private let process = Process()
    private let output = Pipe()

    /// Starts a program that lies beside that of the tests.
    ///
    /// - Parameter file: takes what it writes, so that it can be read while it runs.
    init(
        _ arguments: [String],
        _ environment: [String: String],
        program: String = "ExampleHost",
        into file: FileHandle? = nil
    ) throws {
        try self.init(arguments, environment, at: Bundle.main.bundleURL.appendingPathComponent(program), into: file)
    }

    /// Starts any program.
    init(_ arguments: [String], _ environment: [String: String], at program: URL, into file: FileHandle? = nil) throws {
        self.process.executableURL = program
        self.process.arguments = arguments
        self.process.environment = environment
        if let file { self.process.standardOutput = file } else { self.process.standardOutput = self.output }
        self.process.standardError = FileHandle.nullDevice
        try self.process.run()
        // Nobody else writes to it: where it is not the program's, reading it ends at once.
        if file != nil { try self.output.fileHandleForWriting.close() }
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
