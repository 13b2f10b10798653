// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import MillwrightCommands
import MillwrightCore
import Testing

@Suite("Help")
struct HelpTests {
    private static let overview = """
        USAGE: manage <command> [options]

        SHOP
          Look (changes nothing without --apply)
            finds     Report findings.
          Act (changes the database)
            writes    Destroy.
          Project
            echo      Say it again.
            fails     Fail.
            waits     Wait.
            stubborn  Finish.
            checked   Run after checks.

        GLOBAL OPTIONS (before or after the command)
          --settings <file>         Read the settings from this file.
        """

    @Test("The overview lists commands by app and kind, then the global options")
    func overview() async {
        let ran = await run("--help", apps: [SampleApp.config])

        #expect(ran.code == .ok)
        #expect(ran.stdout.hasPrefix(Self.overview + "\n"))
        #expect(ran.stdout.hasSuffix("`manage help <command>` tells more about a command.\n"))
        #expect(ran.stderr == "")
    }

    @Test("No command, help, -h and --help show the same", arguments: [[], ["help"], ["-h"], ["--help"]])
    func same(arguments: [String]) async {
        let streams = CommandStreams.captured
        let environment = ["COLUMNS": "100"]
        let apps = [BuiltInApps.millwright]

        let code = await ManagementUtility(apps: apps).execute(arguments, streams: streams, environment: environment)

        #expect(code == .ok)
        #expect(streams.stdout.text == (await run("--help", apps: apps)).stdout)
    }

    @Test("A command's page shows its own options and the global ones, asked for in any way")
    func page() async {
        let page = """
            Say it again.

            USAGE: manage echo [--times <times>] [--loud] [<words> ...]

            ARGUMENTS:
              <words>                 What to say.

            OPTIONS:
              -t, --times <times>     How often. (default: 1)
              --loud                  In capitals.
              -h, --help              Show help information.

            GLOBAL OPTIONS (before or after the command)

            """

        let asked = await run("help", "echo")

        #expect(asked.stdout.hasPrefix(page.dropLast()))
        #expect(await run("echo", "--help").stdout == asked.stdout)
        #expect(await run("--help", "echo").stdout == asked.stdout)
        #expect(await run("echo", "-h", "--times", "3").stdout == asked.stdout)
    }

    @Test("Help on a command nobody knows ends with 64")
    func unknown() async {
        let ran = await run("help", "eco")

        #expect(ran.code == .usage)
        #expect(ran.stderr.contains("Did you mean `echo`?"))
    }

    @Test("A narrow terminal wraps the sentences and keeps the column")
    func narrow() async {
        let ran = await run("--help", environment: ["COLUMNS": "60"])

        #expect(ran.stdout.split(separator: "\n").allSatisfy { $0.count <= 60 })
        #expect(
            ran.stdout.contains(
                """
                  --isolated                Do not run while another run of
                                            the same command does.
                """
            )
        )
    }

    @Test("The version is one line, and a document where JSON is asked for")
    func version() async {
        #expect(await run("version").stdout == Version.current + "\n")
        #expect(await run("--version").stdout == "manage \(Version.current)\n")
        #expect(await run("version", "--format", "json").stdout == "{\n  \"version\": \"\(Version.current)\"\n}\n")
    }

    @Test(
        "Help is a document, too, where JSON is asked for",
        arguments: [
            (["help"], #""label": "millwright""#), ([], #""label": "millwright""#),
            (["help", "check"], #""--list-tags""#), (["check", "--help"], #""--list-tags""#),
            (["completion", "fish"], #""shell": "fish""#), (["--version"], #""version""#),
        ]
    )
    func document(arguments: [String], part: String) async throws {
        let streams = CommandStreams.captured
        let utility = ManagementUtility(apps: [BuiltInApps.millwright])

        let code = await utility.execute(arguments + ["--format", "json"], streams: streams, environment: [:])

        #expect(code == .ok)
        #expect(try JSONSerialization.jsonObject(with: Data(streams.stdout.text.utf8)) is [String: Any])
        #expect(streams.stdout.text.contains(part))
    }

    @Test("Broken settings do not keep help, version and completion from working; help says so")
    func broken() async {
        let help = await run("help", "--set", "nonsense=1")
        let completion = await run("completion", "bash", "--set", "nonsense=1")
        let echo = await run("echo", "x", "--set", "nonsense=1")

        #expect(help.code == .ok)
        #expect(
            help.stderr == "Warning: --set: nonsense is not a known key. "
                + "Known here: caches, databases, health, sandbox, server, sessions, silenced, apps, checks.\n"
        )
        #expect(completion.code == .ok)
        #expect(completion.stderr == "")
        #expect(echo.code == .settings)
        #expect(echo.stdout == "")
    }
}
