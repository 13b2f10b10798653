// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

/// One server of a sandbox, and the faults it can be put through.
///
/// Every signal goes to a process that has been recognised by its start time, and for PostgreSQL to its backends too.
public struct PrivateServer: Sendable, Hashable {
    /// The sandbox it belongs to.
    public var sandbox: Sandbox
    /// Its name: `postgres`, `sentinel-2`.
    public var name: String

    /// Kills it and its children with SIGKILL, as a lack of memory would, and waits until they are gone.
    public func kill() async throws { try await Self.kill(self.living().process) }

    /// Freezes it and its children with SIGSTOP: connections are accepted by the kernel and nobody answers.
    public func stop() async throws { try await self.living().process.freeze() }

    /// Lets it run on after ``stop()``.
    public func `continue`() async throws { try self.living().process.thaw() }

    /// Ends it in order (if it lives), starts it again from what is on disk, and waits until it serves.
    public func restart() async throws {
        let folder = try self.existingFolder()
        try await FolderLock.hold(folder.lockFile) {
            var (record, recipe) = try self.recipe(in: folder)
            try await Self.end(recipe, recorded: record[self.name]?.process)
            try await Leftovers.end(in: recipe.site)
            let process = try await Self.launch(recipe)
            record.update(self.name) {
                $0.process = process.identity
                $0.isWanted = true
            }
            try record.save(folder)
        }
    }

    /// What it is doing.
    public func condition() throws -> SandboxServer.Condition {
        try Sandbox.state(in: self.sandbox.folder)[self.name]?.condition ?? .stopped
    }

    private func existingFolder() throws -> SandboxFolder {
        guard let folder = try SandboxFolder.existing(self.sandbox.folder) else {
            throw self.unknown("no sandbox there")
        }
        return folder
    }

    private func recipe(in folder: SandboxFolder) throws -> (SandboxRecord, any ServerRecipe) {
        let record = SandboxRecord.load(folder)
        let layout = try SandboxLayout(folder: folder, plan: SandboxPlan(), record: record)
        guard let server = record[self.name] else { throw self.unknown("no server of that name in the sandbox") }
        return (record, layout.recipe(server))
    }

    private func living() throws -> (recipe: any ServerRecipe, process: ServerProcess) {
        let (record, recipe) = try self.recipe(in: self.existingFolder())
        guard let process = recipe.process(recorded: record[self.name]?.process) else {
            throw self.unknown("no living process of it")
        }
        return (recipe, process)
    }

    private func unknown(_ what: String) -> SandboxError {
        SandboxError(
            .unknownServer,
            tried: "Looked for the private server \(self.name) in \(self.sandbox.folder).",
            stopped: "There is \(what).",
            next: "See what there is with: manage sandbox status."
        )
    }
}

extension PrivateServer {
    /// Ends a server in order, and by force when that takes too long; one that does not live has ended.
    static func end(_ recipe: any ServerRecipe, recorded: ProcessIdentity?) async throws {
        guard let process = recipe.process(recorded: recorded) else { return }
        process.thaw()
        process.send(recipe.stopSignal)
        if try await process.waitUntilGone(recipe.stopLimit) { return }
        try await Self.kill(process)
    }

    static func kill(_ process: ServerProcess) async throws {
        let children = process.sendToTree(SIGKILL)
        // nginx's workers hold the listening socket until they are gone, too.
        let areGone = try await Wait.until(.seconds(5)) {
            !process.isAlive && children.allSatisfy { $0.living() == nil }
        }
        guard areGone else {
            throw SandboxError(
                .stopFailed,
                tried: "Tried to kill the server process \(process.identity.pid).",
                stopped: "It is still there after five seconds.",
                next:
                    "Look at its state in /proc/\(process.identity.pid)/status; a process in state D waits for the disk."
            )
        }
    }

    /// Starts a server that does not run, and waits until it serves.
    static func launch(_ recipe: any ServerRecipe) async throws -> ServerProcess {
        do {
            try await recipe.launch()
        } catch let error as SandboxError where error.code == .startFailed {
            throw recipe.startFailure(error.stopped)
        }
        return try await Self.awaitReady(recipe, recorded: nil)
    }

    /// Waits until a launched server serves, and returns its process.
    static func awaitReady(_ recipe: any ServerRecipe, recorded: ProcessIdentity?) async throws -> ServerProcess {
        var hasBeenSeen = false
        var found: ServerProcess?
        let isReady = try await Wait.until(.seconds(30)) {
            let process = recipe.process(recorded: recorded)
            if hasBeenSeen && process == nil { throw recipe.startFailure("It ended before it served.") }
            hasBeenSeen = hasBeenSeen || process != nil
            guard let process, await recipe.isReady() else { return false }
            found = process
            return true
        }
        guard isReady, let found else { throw recipe.startFailure("It did not serve within 30 seconds.") }
        return found
    }
}
