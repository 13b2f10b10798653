// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightSandbox

@Suite("What servers read")
struct ServerTextTests {
    @Test("A URL names the port, and escapes what would end it")
    func urlIsEscaped() {
        let url = PostgresURL.text(socketFolder: "/tmp/a b&c", port: 5432, role: "app", database: "übung")

        #expect(url == "postgres://app@/%C3%BCbung?host=%2Ftmp%2Fa%20b%26c&port=5432")
    }

    @Test("A state gives the URLs of other roles and databases, and none of a server that speaks another language")
    func urlsOfRoles() {
        let postgres = SandboxServer(
            name: "postgres",
            kind: .postgres,
            condition: .running,
            pid: 1,
            socket: "/s/postgres/.s.PGSQL.7777",
            port: 7777,
            url: "",
            log: ""
        )
        let redis = SandboxServer(
            name: "redis",
            kind: .redis,
            condition: .running,
            pid: 2,
            socket: "/s/redis/redis.sock",
            port: nil,
            url: "",
            log: ""
        )
        let state = SandboxState(servers: [postgres, redis])

        #expect(
            state.url(role: "monitor", database: "postgres")
                == "postgres://monitor@/postgres?host=%2Fs%2Fpostgres&port=7777"
        )
        #expect(state.url(of: "redis") == nil)
        #expect(state.url(of: "standby") == nil)
    }

    private func settings(more: [String: String] = [:], isDurable: Bool = true) -> [Substring] {
        PostgresSettings(
            socketFolder: "/s/it's",
            port: 5432,
            listensOnLoopback: false,
            isDurable: isDurable,
            hasStatementStatistics: true,
            clusterName: "c",
            more: more
        ).text.split(separator: "\n")
    }

    @Test("PostgreSQL's settings are quoted, and those of the plan come last, so they win")
    func settingsAreQuoted() {
        let lines = self.settings(more: ["work_mem": "1MB", "search_path": "a'b"])

        #expect(lines.contains("unix_socket_directories = '\"/s/it''s\"'"))
        #expect(lines.suffix(2) == ["search_path = 'a''b'", "work_mem = '1MB'"])
    }

    @Test("Only a sandbox whose data may be lost does not wait for the disk")
    func durability() {
        #expect(!self.settings().contains("fsync = 'off'"))
        #expect(self.settings(isDurable: false).contains("fsync = 'off'"))
    }

    @Test("postmaster.pid says whether clients are served")
    func readiness() {
        let head = "4711\n/data\n1795260636\n5432\n/tmp\n\n 16228802        14\n"

        #expect(PostmasterFile(head + "ready   \n").isReady)
        #expect(!PostmasterFile(head + "starting\n").isReady)
        #expect(!PostmasterFile("4711\n/data\n").isReady)
    }

    @Test("postmaster.pid names the shared memory, once there is some")
    func sharedMemory() {
        let head = "4711\n/data\n1795260636\n5432\n/tmp\n\n"

        #expect(
            PostmasterFile(head + " 16228802        14\nready\n").sharedMemory == SharedMemory(key: 16_228_802, id: 14)
        )
        #expect(PostmasterFile(head + "\n").sharedMemory == nil)
        #expect(PostmasterFile("4711\n").sharedMemory == nil)
    }

    @Test("A disowned postmaster.pid keeps the shared memory key")
    func disowned() {
        let text = PostmasterFile("4711\n/data\n1795260636\n5432\n/tmp\n\n 16228802        14\nready\n").disowned

        #expect(text == "4194305\n/data\n1795260636\n5432\n/tmp\n\n 16228802        14\nready\n")
    }

    @Test("Redis reads paths with quotes and backslashes as they are")
    func redisQuotes() {
        #expect(RedisText.quoted(#"/a "b"\c"#) == #""/a \"b\"\\c""#)
    }

    @Test("Passwords reach PostgreSQL after the statement statistics have been told to look away")
    func passwordsAreNotTracked() throws {
        let script = PostgresSetup.script(passwords: ["app": "p4ss"])

        let tracking = try #require(script.firstRange(of: "pg_stat_statements.track = 'none'"))
        let password = try #require(script.firstRange(of: "ALTER ROLE app PASSWORD 'p4ss';"))
        #expect(tracking.upperBound < password.lowerBound)
        #expect(PostgresSetup.passwordFile(["app": "p4ss"]) == "127.0.0.1:*:*:app:p4ss\n")
    }
}
