// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Private servers made from the installed programs, in a folder of their own: PostgreSQL, a standby, PgBouncer, Redis,
/// replicas, Sentinels, HAProxy and nginx.
///
/// The servers are daemons that outlive the command that started them; the folder holds all there is to know, so any later
/// process can look at them and stop them. They never run as root, and listen on Unix sockets unless a port is asked for.
///
/// ## Topics
/// - Running: ``start(_:)``, ``stop()``, ``remove()``
/// - Looking: ``status()``, ``state(in:)``
/// - Faults: ``server(_:)``
public struct Sandbox: Sendable, Hashable {
    /// The folder of the sandbox.
    public var folder: String

    /// Names a sandbox; nothing is made before ``start(_:)``.
    public init(folder: String) { self.folder = folder }

    /// Starts what the plan names and does not run yet, and returns when all of it serves.
    ///
    /// What runs is left alone, so a second start costs milliseconds; what was frozen runs on; what was killed is started
    /// again with its data. Servers that the plan does not name are left as they are.
    @discardableResult
    public func start(_ plan: SandboxPlan = SandboxPlan()) async throws -> SandboxState {
        let folder = try SandboxFolder.make(self.folder)
        return try await FolderLock.hold(folder.lockFile) {
            var startup = SandboxStartup(folder: folder, plan: plan)
            return try await startup.run()
        }
    }

    /// Stops all servers, the ones that depend on others first, and keeps their data; a sandbox that is not there is stopped.
    public func stop() async throws {
        guard let folder = try SandboxFolder.existing(self.folder), Files.exists(folder.home) else { return }
        try await FolderLock.hold(folder.lockFile) {
            var record = SandboxRecord.load(folder)
            let layout = try SandboxLayout(folder: folder, plan: SandboxPlan(), record: record)
            for server in record.servers.reversed() {
                try await PrivateServer.end(layout.recipe(server), recorded: server.process)
                record.update(server.name) {
                    $0.isWanted = false
                    $0.process = nil
                }
                try record.save(folder)
            }
        }
    }

    /// Stops all servers and removes the folder with their data.
    public func remove() async throws {
        try await self.stop()
        guard let folder = try SandboxFolder.existing(self.folder) else { return }
        let layout = try SandboxLayout(folder: folder, plan: SandboxPlan(), record: SandboxRecord.load(folder))
        for server in layout.record.servers { try await Leftovers.end(in: layout.recipe(server).site) }
        let isRemoved = try await Wait.until(.seconds(5)) { (try? folder.remove()) != nil }
        if !isRemoved { try folder.remove() }
    }

    /// Returns the sandbox as it is now; without a sandbox there are no servers in it.
    public func status() async throws -> SandboxState { try Self.state(in: self.folder) }

    /// Returns the sandbox as it is now, without waiting for anything.
    public static func state(in folder: String) throws -> SandboxState {
        guard let folder = try SandboxFolder.existing(folder), Files.exists(folder.home) else {
            return SandboxState(servers: [])
        }
        let record = SandboxRecord.load(folder)
        return try SandboxLayout(folder: folder, plan: SandboxPlan(), record: record).state
    }

    /// Returns the controls of one server, to put it through faults: `"postgres"`, `"redis"`, `"sentinel-2"`.
    public func server(_ name: String) -> PrivateServer { PrivateServer(sandbox: self, name: name) }
}
