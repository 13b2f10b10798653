// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// What the contract expects of one command, where it differs from all others.
struct CommandRow: Sendable, CustomStringConvertible {
    /// Which servers it talks to.
    enum Servers: Sendable {
        case none, database, caches, both
    }

    /// The command's name.
    var name: String
    /// What makes it do something useful.
    var arguments: [String] = []
    /// Which servers it talks to.
    var servers = Servers.none
    /// Whether it changes the database, so that every run needs one of its own.
    var changesDatabase = false
    /// What lets it see the fault that the faulty database has for it.
    var findingArguments: [String] = []
    /// The exit code with servers down.
    var downCode: Int32 = 69
    /// The exit code with wrong settings.
    var wrongSettingsCode: Int32 = 78
    /// A mistyped option, and what it nearly is.
    var typo = (wrong: "--formta", right: "--format")
    /// The cases that do not apply, and why.
    var exceptions: [ContractCase: String] = [:]

    var description: String { self.name }

    /// Why a case does not apply; `nil` where it does.
    func exception(for contractCase: ContractCase) -> String? {
        if let reason = self.exceptions[contractCase] { return reason }
        let needServers: [ContractCase] = [.serversDown, .serversDownAsJSON, .interrupted, .terminated, .outOfTime]
        return self.servers == .none && needServers.contains(contractCase) ? "It talks to no server." : nil
    }
}
