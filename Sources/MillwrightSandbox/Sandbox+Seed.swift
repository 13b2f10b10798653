// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

extension Sandbox {
    /// Gives a sandbox that has never been started the PostgreSQL of another one that is stopped.
    ///
    /// A copy costs a fifth of what `initdb` and the first settling cost, and a process of tests starts many.
    package func seed(from other: Sandbox) async throws {
        guard let source = try SandboxFolder.existing(other.folder) else { return }
        let folder = try SandboxFolder.make(self.folder)
        var record = SandboxRecord()
        record.update(ServerKind.postgres.rawValue) { _ in }
        let layout = try SandboxLayout(folder: folder, plan: .postgresOnly, record: record)
        guard let site = record.servers.first.map({ layout.recipe($0).site }) else { return }
        try site.makeFolders()
        let copied = ["data", "settled"].map { "\(source.home)/\(site.name)/\($0)" }
        try await site.invocation(
            InstalledPrograms.require("cp", package: "coreutils"),
            ["--recursive", "--preserve=mode", "--reflink=auto"] + copied + [site.folder],
            limit: .seconds(30)
        ).run()
    }
}
