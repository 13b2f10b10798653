// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import Testing

@Suite("No secret leaves")
struct SecrecyTests {
    @Test(
        "A password typed in the wrong place is in no stream, in no format",
        arguments: [
            ["echo", "--database", "postgres://u:s3cret@h/d", "--nope"],
            ["check", "--database", "postgres://u:s3cret@h/d"],
            ["check", "--database", "postgres://u:s3cret@h/d", "--format", "json", "--traceback"],
            ["echo", "--set", "postgres://u:s3cret@h/d"],
            ["postgres://u:s3cret@h/d"],
            ["help", "postgres://u:s3cret@h/d", "--traceback"],
            ["echo", "--times", "postgres://u:s3cret@h/d"],
            ["settings", "--set", "caches.default.location=redis://s3cret@h/d"],
            ["check", "--set", "databases.default.url=mysql://u:s3cret@h/d", "--format", "json"],
        ]
    )
    func typed(arguments: [String]) async {
        let streams = CommandStreams.captured
        let utility = ManagementUtility(apps: [BuiltInApps.millwright, SampleApp.config])

        _ = await utility.execute(arguments, streams: streams, environment: [:])

        #expect(!(streams.stdout.text + streams.stderr.text).contains("s3cret"))
    }

    @Test("Servers that cannot be reached are findings that name the alias, not the address")
    func unreachable() async {
        let environment = [
            "DATABASE_URL": "postgres://u:s3cret@127.0.0.1:1/d", "REDIS_URL": "redis://:s3cret@127.0.0.1:1",
        ]

        let ran = await run(
            "check",
            "--database",
            "default",
            "--cache",
            "default",
            "--traceback",
            environment: environment
        )

        #expect(ran.code == .notWell)
        #expect(ran.stdout.contains("database.E001"))
        #expect(ran.stdout.contains("caches.E001"))
        #expect(!(ran.stdout + ran.stderr).contains("s3cret"))
    }
}
