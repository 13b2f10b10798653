// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import Testing

@testable import MillwrightSandbox

@Suite("Recognising a process")
struct ProcessIdentityTests {
    static let line = "4242 (my (odd) name) S 1 4242 4242 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1000 10 0"

    private func stat(pid: Int32 = 4242, name: String = "postgres", state: Character = "S", start: UInt64 = 98_765)
        throws -> ProcessStat
    {
        try #require(
            ProcessStat(parsing: "\(pid) (\(name)) \(state) 1 1 1 0 -1 0 1 0 0 0 0 0 0 0 20 0 1 0 \(start) 1 1")
        )
    }

    @Test("A name may hold spaces and parentheses")
    func parsesOddNames() throws {
        let stat = try #require(ProcessStat(parsing: Self.line))

        #expect(stat.pid == 4242)
        #expect(stat.name == "my (odd) name")
        #expect(stat.state == "S")
        #expect(stat.parent == 1)
        #expect(stat.startTicks == 98_765)
    }

    @Test("What is not such a line is not a process", arguments: ["", "4242", "4242 (x", "4242 (x) S 1", "a (b) S 1"])
    func refusesOtherText(line: String) {
        #expect(ProcessStat(parsing: line) == nil)
    }

    @Test("The same pid with another start time is another process")
    func recycledPid() throws {
        let identity = ProcessIdentity(try self.stat(), era: "boot")
        let same = try self.stat()
        let recycled = try self.stat(start: 99_999)

        #expect(identity.living({ _ in same }, era: "boot") == same)
        #expect(identity.living({ _ in recycled }, era: "boot") == nil)
        #expect(identity.living({ _ in nil }, era: "boot") == nil)
    }

    @Test("A pid noted before the last boot means nothing")
    func otherEra() throws {
        let stat = try self.stat()

        #expect(ProcessIdentity(stat, era: "boot 1").living({ _ in stat }, era: "boot 2") == nil)
    }

    @Test("A zombie does not live")
    func zombie() throws {
        let zombie = try self.stat(state: "Z")

        #expect(ProcessIdentity(zombie, era: "boot").living({ _ in zombie }, era: "boot") == nil)
    }

    @Test(
        "A pid file belongs to a process that has the program's name and started before the file was written",
        arguments: [
            ("postgres", 999.0, true),
            ("postgres", 1001.5, true),  // the boot time is rounded to seconds
            ("postgres", 1003.0, false),
            ("sleep", 999.0, false),
        ]
    )
    func believesPidFile(name: String, startedAt: Double, expected: Bool) throws {
        let file = PidFile(pid: 4242, writtenAt: 1_000)
        let stat = try self.stat(name: name)

        #expect(file.wasWritten(by: stat, startedAt: startedAt, program: "postgres") == expected)
    }

    @Test("This very process is found in /proc, with a start time in the past")
    func findsItself() throws {
        let stat = try #require(ProcessTable.stat(getpid()))

        #expect(ProcessIdentity(stat).living() != nil)
        #expect(try #require(ProcessTable.startTime(of: stat)) <= Double(time(nil)) + 2)
        #expect(ProcessTable.children(of: stat.parent).contains { $0.pid == getpid() })
    }

    @Test(
        "Only a process with a path of the server's own folder is a leftover of its start",
        arguments: [
            ("initdb\0--pgdata\0/box/postgres/data.new\0", true),
            ("redis-server unixsocket:/box/postgres/redis.sock\0\0\0", true),
            ("initdb\0--pgdata\0/box/postgres-2/data.new\0", false),
            ("postgres\0-D\0/other/box/postgres/data\0", false),
            ("", false),
        ]
    )
    func leftovers(commandLine: String, expected: Bool) throws {
        let user = try ServerUser.choose(from: ["postgres"])
        let site = ServerSite(
            name: "postgres",
            kind: .postgres,
            folder: "/box/postgres",
            socketFolder: "/box/postgres",
            user: user
        )

        #expect(Leftovers.mentions(site, commandLine) == expected)
    }
}
