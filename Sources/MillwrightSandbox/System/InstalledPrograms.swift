// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// The programs of the system that a sandbox runs.
public enum InstalledPrograms {
    private static let systemFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]

    /// Returns the path of a program: from `PATH`, then from the system's own folders, which an ordinary user's `PATH`
    /// often lacks (`haproxy` and `pgbouncer` are in `/usr/sbin`).
    public static func find(_ name: String) -> String? {
        (Self.searchPath + Self.systemFolders).map { "\($0)/\(name)" }.first { Files.isExecutable($0) }
    }

    /// Returns the folder of PostgreSQL's server programs, the newest release first.
    public static func postgresFolder() -> String? {
        Self.postgresFolders().first { Files.isExecutable("\($0)/initdb") && Files.isExecutable("\($0)/postgres") }
    }

    static func postgresFolders() -> [String] {
        let debian = Files.names(in: "/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
        let redHat = Files.names(in: "/usr").filter { $0.hasPrefix("pgsql-") }.map { "/usr/\($0)/bin" }
        return Self.newestFirst(debian + redHat) + Self.searchPath + Self.systemFolders + ["/usr/local/pgsql/bin"]
    }

    /// Sorts folders by the release number in their path: 17 before 9.6.
    static func newestFirst(_ folders: [String]) -> [String] {
        func release(_ path: String) -> [Int] {
            path.split { !($0.isNumber || $0 == ".") }.flatMap { $0.split(separator: ".").compactMap { Int($0) } }
        }
        return folders.sorted { release($1).lexicographicallyPrecedes(release($0)) }
    }

    private static var searchPath: [String] {
        guard let path = getenv("PATH") else { return [] }
        return String(cString: path).split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// Returns a program's path, or throws an error that names the package to install.
    static func require(_ name: String, package: String) throws -> String {
        guard let path = Self.find(name) else { throw Self.missing(name, package: package) }
        return path
    }

    static func requirePostgres() throws -> String {
        guard let folder = Self.postgresFolder() else { throw Self.missing("postgres", package: "postgresql") }
        return folder
    }

    private static func missing(_ name: String, package: String) -> SandboxError {
        SandboxError(
            .programMissing,
            tried: "Looked for the program \(name) to run a private server.",
            stopped: "It is not installed.",
            next: "Install it (Debian and Ubuntu: apt-get install \(package)) or run make setup."
        )
    }
}
