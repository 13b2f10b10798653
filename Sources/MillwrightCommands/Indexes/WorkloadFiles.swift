// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore

/// The files that `--workload` names: one of SQL or a server's log, or all `.sql` and `.log` files of a folder and those in it.
enum WorkloadFiles {
    /// More than any workload; it keeps a wrong path from filling the memory.
    private static let largest = 64 << 20

    /// Reads them, in the order of their names.
    static func read(_ path: String) throws -> [(name: String, sql: String)] {
        let files = try Self.isFolder(path) ? Self.files(in: path) : [path]
        guard !files.isEmpty else { throw Self.error(path, "No file in it ends in `.sql` or `.log`.") }
        return try files.map { (name: $0, sql: try Self.text(of: $0)) }
    }

    private static func isFolder(_ path: String) throws -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Self.error(path, String(cString: strerror(errno))) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private static func files(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw Self.error(folder, String(cString: strerror(errno))) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return try names.sorted().flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if try Self.isFolder(path) { return try Self.files(in: path) }
            return name.hasSuffix(".sql") || name.hasSuffix(".log") ? [path] : []
        }
    }

    private static func text(of path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.error(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.error(path, String(cString: strerror(errno))) }
            bytes += chunk[..<count]
            guard bytes.count <= Self.largest else { throw Self.error(path, "It is larger than 64 MB.") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.error(path, "It is not UTF-8 text.")
        }
        return text
    }

    private static func error(_ path: String, _ reason: String) -> ToolError {
        ToolError(
            .usage,
            tried: "Tried to read the workload from \(path).",
            stopped: reason.hasSuffix(".") ? reason : reason + ".",
            next: "Name a file of SQL statements, a server's log, a folder of them, or `pg_stat_statements`."
        )
    }
}
