// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// A client program, ready to talk to a server of a sandbox.
public struct SandboxClient: Sendable, Hashable {
    /// The path of the program.
    public var program: String
    /// Its arguments, without its own name.
    public var arguments: [String]

    /// Becomes the program: it gets this process's terminal, signals and streams.
    ///
    /// Returns only by throwing, when the system cannot run it.
    public func replaceProcess() throws -> Never {
        let words = [self.program] + self.arguments
        // What this process ignores its successor would ignore: psql must hear Ctrl-C.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        let argv = words.map { strdup($0) } + [nil]
        execv(self.program, argv)
        let reason = String(cString: strerror(errno))
        for case let word? in argv { free(word) }
        throw SandboxError(
            .programMissing,
            tried: "Tried to run \(self.program).",
            stopped: "The system refused: \(reason).",
            next: "Check that the program is installed, or run make setup."
        )
    }
}

extension Sandbox {
    /// Returns psql, connected to a server of the sandbox.
    public func psql(server: String = "postgres", role: String = "app", arguments: [String] = []) throws
        -> SandboxClient
    {
        let state = try Self.state(in: self.folder)
        guard let url = state.url(of: server, role: role), state[server]?.isRunning == true else {
            throw self.notRunning(server)
        }
        let newest = InstalledPrograms.postgresFolder().map { "\($0)/psql" }.flatMap {
            Files.isExecutable($0) ? $0 : nil
        }
        let program = try newest ?? InstalledPrograms.require("psql", package: "postgresql-client")
        return SandboxClient(program: program, arguments: ["--dbname=\(url)"] + arguments)
    }

    /// Returns redis-cli, connected to a server of the sandbox.
    public func redisCLI(server: String = "redis", arguments: [String] = []) throws -> SandboxClient {
        guard let found = try Self.state(in: self.folder)[server], found.isRunning, !found.kind.isPostgresFamily else {
            throw self.notRunning(server)
        }
        let place = found.socket.map { ["-s", $0] } ?? ["-p", "\(found.port ?? 0)"]
        let program = try InstalledPrograms.require("redis-cli", package: "redis-tools")
        return SandboxClient(program: program, arguments: place + arguments)
    }

    private func notRunning(_ server: String) -> SandboxError {
        SandboxError(
            .unknownServer,
            tried: "Tried to reach the private server \(server) in \(self.folder).",
            stopped: "It does not run.",
            next: "Start it with: manage sandbox start."
        )
    }
}
