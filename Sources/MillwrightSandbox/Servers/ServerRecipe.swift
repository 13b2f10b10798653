// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Where one server lives, and as whom.
struct ServerSite: Sendable, Hashable {
    var name: String
    var kind: ServerKind
    /// Its own folder: configuration, data, log.
    var folder: String
    /// The folder of its Unix socket.
    var socketFolder: String
    var user: ServerUser
    var port: Int?

    var log: String { "\(self.folder)/server.log" }

    /// Makes its folders, which only its user (and root) may enter.
    func makeFolders() throws {
        for path in Set([self.folder, self.socketFolder]) {
            try Files.makeFolder(path, mode: 0o700, owner: self.user)
        }
    }

    /// One run of a program as this server's user, in its folder.
    func invocation(_ program: String, _ arguments: [String], input: String = "", limit: Duration) -> Invocation {
        Invocation(
            program: program,
            arguments: arguments,
            user: self.user,
            folder: self.folder,
            input: input,
            limit: limit
        )
    }
}

/// How one kind of server is made, started and asked whether it serves.
///
/// Every server is a daemon in a session of its own, made by the program itself, so it outlives the command that started it.
protocol ServerRecipe: Sendable {
    var site: ServerSite { get }
    /// The name of its process, as the kernel knows it.
    var processName: String { get }
    var pidFile: String { get }
    var socket: String? { get }
    var url: String { get }
    /// The signal that ends it quickly and in order.
    var stopSignal: Int32 { get }
    /// How long an orderly end may take before it is killed.
    var stopLimit: Duration { get }

    /// Makes what it needs on disk, with the server down. `isFresh` says that none of its companions runs either, so what
    /// they agreed on (who is master) is decided anew.
    func prepare(isFresh: Bool) async throws
    /// Starts it from what is on disk.
    func launch() async throws
    /// Whether it serves clients.
    func isReady() async -> Bool
    /// Gives it what only a running server can be given; does nothing the second time.
    func settle() async throws
}

extension ServerRecipe {
    var stopLimit: Duration { .seconds(10) }
    func settle() async throws {}

    /// The server's process, if it lives.
    func process(recorded: ProcessIdentity?) -> ServerProcess? {
        ServerProcess.find(pidFile: self.pidFile, program: self.processName, recorded: recorded)
    }

    /// The error of a start that failed, with the last lines of the log.
    func startFailure(_ reason: String) -> SandboxError {
        let tail = Files.tail(of: self.site.log)
        return SandboxError(
            .startFailed,
            tried: "Tried to start the private server \(self.site.name).",
            stopped: tail.isEmpty ? reason : "\(reason) The end of its log:\n\(tail)",
            next: "The whole log is \(self.site.log); when it is mended, start the sandbox again."
        )
    }
}
