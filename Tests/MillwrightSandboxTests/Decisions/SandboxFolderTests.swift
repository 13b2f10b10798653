// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightSandbox

@Suite("Where servers live")
struct SandboxFolderTests {
    @Test("In the folder that was asked for, when that is possible")
    func suitable() {
        let folder = SandboxFolder(path: "/srv/shop/.millwright/sandbox", userID: 7, isReachable: true)

        #expect(folder.home == "/srv/shop/.millwright/sandbox/servers")
        #expect(folder.socketHome == folder.home)
        #expect(folder.stateFile == "/srv/shop/.millwright/sandbox/state.json")
    }

    @Test("Sockets move to a short folder when their path would pass 107 bytes, data stays")
    func longPath() {
        let path = "/srv/" + String(repeating: "x", count: 80)
        let folder = SandboxFolder(path: path, userID: 7, isReachable: true)

        #expect(folder.home == "\(path)/servers")
        #expect(folder.socketHome.hasPrefix("/tmp/millwright-"))
        #expect("\(folder.socketHome)/redis-replica-99/.s.PGSQL.65535".utf8.count <= 107)
    }

    @Test("All moves to /var/tmp when the servers' user may not enter the folder")
    func unreachable() {
        let folder = SandboxFolder(path: "/root/shop", userID: 0, isReachable: false)

        #expect(folder.home.hasPrefix("/var/tmp/millwright-"))
        #expect(folder.home.hasSuffix("-0"))
        #expect(folder.socketHome == folder.home)
        #expect(folder.stateFile == "/root/shop/state.json")
    }

    @Test("The stand-in is always the same for a folder, and another for another folder or user")
    func standInIsStable() {
        let one = SandboxFolder(path: "/root/a", userID: 0, isReachable: false)

        #expect(one == SandboxFolder(path: "/root/a", userID: 0, isReachable: false))
        #expect(one.home != SandboxFolder(path: "/root/b", userID: 0, isReachable: false).home)
        #expect(one.home != SandboxFolder(path: "/root/a", userID: 1, isReachable: false).home)
    }
}
