// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightRedis

@Suite("An error of Redis")
struct RedisErrorTests {
    @Test(
        "has a code for what the server said",
        arguments: [
            ("READONLY You can't write against a read only replica.", .readOnly, true),
            ("LOADING Redis is loading the dataset in memory", .loading, true),
            ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, true),
            ("MISCONF Redis is configured to save RDB snapshots, but…", .misconfigured, true),
            ("NOAUTH Authentication required.", .noAuthentication, true),
            ("WRONGPASS invalid username-password pair or user is disabled.", .wrongPassword, true),
            ("ERR invalid password", .wrongPassword, true),
            ("ERR AUTH <password> called without any password configured for the default user.", .wrongPassword, true),
            ("NOPERM this user has no permissions to run the 'get' command", .noPermission, false),
            ("MOVED 3999 127.0.0.1:6381", .moved, false),
            ("ASK 3999 127.0.0.1:6381", .moved, false),
            ("CLUSTERDOWN The cluster is down", .clusterDown, true),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .clusterDown, true),
            ("MASTERDOWN Link with MASTER is down", .primaryDown, true),
            ("NOREPLICAS Not enough good replicas to write.", .tooFewReplicas, true),
            ("BUSY Redis is busy running a script.", .busy, true),
            ("ERR max number of clients reached", .tooManyClients, true),
            ("NOSCRIPT No matching script. Please use EVAL.", .noScript, false),
            ("EXECABORT Transaction discarded because of previous errors.", .transactionAborted, false),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType, false),
            ("ERR unknown command 'FOO', with args beginning with: 'secret'", .commandFailed, false),
            ("BUSYGROUP Consumer Group name already exists", .commandFailed, false),
            ("", .commandFailed, false),
        ] as [(String, RedisError.Code, Bool)]
    )
    func codes(message: String, code: RedisError.Code, isOutage: Bool) {
        let error = RedisError(server: message)

        #expect(error.code == code)
        #expect(error.isOutage == isOutage)
        #expect(error.serverMessage == message)
    }

    @Test("is described without the server's words, and in full for debugging")
    func described() {
        let error = RedisError(server: "ERR unknown command 'FOO', with args beginning with: 'secret'")

        #expect(error.description == "Redis refused the command.")
        #expect(error.debugDescription.contains("'secret'"))
        #expect(error.serverPrefix == "ERR")
    }

    @Test("has a sentence and a label for each code, no two alike")
    func sentences() {
        let codes = RedisError.Code.Base.allCases.map { RedisError.Code(base: $0) }

        #expect(Set(codes.map(\.label)).count == codes.count)
        #expect(Set(codes.map(\.sentence)).count == codes.count)
        for code in codes { #expect(code.sentence.hasSuffix(".")) }
    }
}
