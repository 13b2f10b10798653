// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import Subprocess
import SystemPackage

/// Another program that does the same, run as a process of its own; it prints its figures, one a line.
struct Peer: Sendable {
    var program: String
    var leading: [String] = []

    /// A C program of `Benchmarks/Peers`, compiled when it is asked for.
    static func c(_ name: String, libraries: [String]) async throws -> Peer {
        let program = Self.folder + "/" + name
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let source = "Benchmarks/Peers/\(name).c"
        let includes = ["-I/usr/include/postgresql"]
        _ = try await Peer(program: "cc").run(
            ["-O2", "-Wall", "-pthread", "-o", program, source] + includes + libraries.map { "-l\($0)" }
        )
        return Peer(program: program)
    }

    /// A Python program of `Benchmarks/Peers`, with packages from PyPI in an environment of the benchmarks' own.
    static func python(_ name: String, packages: [String]) async throws -> Peer {
        let environment = Self.folder + "/python"
        if !FileManager.default.fileExists(atPath: environment + "/bin/python") {
            _ = try await Peer(program: "python3").run(["-m", "venv", environment])
        }
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _ = try await Peer(program: environment + "/bin/python").run(pip + packages)
        return Peer(program: environment + "/bin/python", leading: ["Benchmarks/Peers/\(name).py"])
    }

    /// Where compiled peers are.
    private static let folder = ".build/bench/peers"

    /// Runs it to its end and returns what it printed; one that hangs is killed after `limit`.
    func run(_ arguments: [String], limit: Duration = .seconds(120)) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await self.finish(arguments) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw Failure("`\(self.program)` took longer than \(limit).")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }

    private func finish(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            self.program.contains("/") ? .path(FilePath(self.program)) : .name(self.program),
            arguments: Arguments(self.leading + arguments),
            input: .none,
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus == .exited(0) else {
            throw Failure("`\(self.program)` ended with \(result.terminationStatus): \(result.standardError)")
        }
        return result.standardOutput
    }

    /// Runs it and returns the figures it printed.
    func figures(_ arguments: [String]) async throws -> [Double] {
        let text = try await self.run(arguments)
        let figures = text.split(whereSeparator: \.isNewline).compactMap { Double($0) }
        guard !figures.isEmpty else { throw Failure("`\(self.program)` printed no figure: \(text)") }
        return figures
    }
}

/// Why a benchmark could not be run.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
