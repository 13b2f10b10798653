// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc

extension Sandbox {
    /// Ends all servers at once and removes the folder with their data, without a task to wait in: for exit handlers.
    ///
    /// It takes no lock and at most about five seconds, and what it cannot remove it leaves. PostgreSQL is ended by its
    /// immediate shutdown, because a killed one leaks a piece of the system's shared memory.
    public func removeAtOnce() {
        guard let folder = try? SandboxFolder.existing(self.folder),
            let layout = try? SandboxLayout(
                folder: folder,
                plan: SandboxPlan(),
                record: SandboxRecord.load(folder)
            )
        else { return }
        let leftovers = layout.record.servers.flatMap { Leftovers.find(in: layout.recipe($0).site) }
        let processes = layout.record.servers.compactMap { server in
            layout.process(server).map { (process: $0, isPostgres: layout.recipe(server).processName == "postgres") }
        }
        for (process, isPostgres) in processes {
            process.thaw()
            process.send(isPostgres ? SIGQUIT : SIGKILL)
        }
        for _ in 0..<500 where processes.contains(where: { $0.process.isAlive }) { usleep(10_000) }
        for process in processes.map(\.process) + leftovers { process.sendToTree(SIGKILL) }
        for _ in 0..<50 where (try? folder.remove()) == nil { usleep(10_000) }
    }
}
