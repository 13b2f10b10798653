// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCommands
import MillwrightCore
import Testing

@Suite("How commands end")
struct ExitCodeTests {
    @Test("A command runs with its own options and writes to stdout alone")
    func runs() async {
        let ran = await run("echo", "--times", "2", "--loud", "good", "day")

        #expect(ran.code == .ok)
        #expect(ran.stdout == "GOOD DAY\nGOOD DAY\n")
        #expect(ran.stderr == "")
    }

    @Test("-v 2 says what is done, on stderr")
    func verbose() async {
        #expect(await run("echo", "x", "-v", "2").stderr == "said\n")
    }

    @Test("An unknown command ends with 64 and the nearest name")
    func unknownCommand() async {
        let ran = await run("ehco")

        #expect(ran.code == .usage)
        #expect(ran.stdout == "")
        #expect(
            ran.stderr == "Error: Tried to run the command `ehco`.\nThere is no such command.\nDid you mean `echo`?\n"
        )
    }

    @Test(
        "A wrong option ends with 64 and the nearest name, of the command's own or the global ones",
        arguments: [("--tmies", "--times"), ("--fromat", "--format"), ("--luod", "--loud")]
    )
    func unknownOption(option: String, meant: String) async {
        let ran = await run("echo", option, "3")

        #expect(ran.code == .usage)
        #expect(ran.stderr.hasSuffix("There is no option `\(option)`.\nDid you mean `\(meant)`?\n"))
    }

    @Test("A wrong value of a command's own option ends with 64 in ArgumentParser's words")
    func wrongValue() async {
        let ran = await run("echo", "--times", "often")

        #expect(ran.code == .usage)
        #expect(
            ran.stderr == """
                Error: Tried to read the options of `echo`.
                The value 'often' is invalid for '--times <times>'.
                See `manage help echo`.

                """
        )
    }

    @Test("Options of commands are not abbreviated")
    func abbreviations() async {
        #expect(await run("echo", "--time", "3").code == .usage)
    }

    @Test("An error for people is written on three lines, and its code is the exit code")
    func toolError() async {
        let ran = await run("fails", "tool")

        #expect(ran.code == .unavailable)
        #expect(ran.stdout == "half a result\n")
        #expect(ran.stderr == "Error: Tried a thing.\nIt is not there.\nLook.\n")
    }

    @Test("Any other error ends with 1, and --traceback adds everything known about it")
    func otherError() async {
        let ran = await run("fails", "plain")
        let traced = await run("fails", "plain", "--traceback")

        #expect(ran.code == .notWell)
        #expect(ran.stderr.contains("It broke."))
        #expect(!ran.stderr.contains("Broken()"))
        #expect(traced.stderr.contains("Broken"))
    }

    @Test("With --format json a failure is one JSON document on stdout, and the half result is gone")
    func jsonError() async {
        let ran = await run("fails", "tool", "--format", "json")

        #expect(ran.code == .unavailable)
        #expect(ran.stdout.hasPrefix("{\n"))
        #expect(ran.stdout.contains("\"code\": 69"))
        #expect(!ran.stdout.contains("half a result"))
        #expect(ran.stderr.contains("It is not there."))
    }

    @Test(
        "Usage errors are JSON documents, too, where JSON was asked for",
        arguments: [
            ["--nonsense", "--format", "json", "echo"], ["nonsense", "--format=json"],
            ["echo", "--times", "x", "--format", "json"],
        ]
    )
    func jsonUsage(arguments: [String]) async {
        let streams = CommandStreams.captured
        let utility = ManagementUtility(apps: [BuiltInApps.millwright, SampleApp.config])

        let code = await utility.execute(arguments, streams: streams, environment: [:])

        #expect(code == .usage)
        #expect(streams.stdout.text.contains("\"code\": 64"))
    }

    @Test("A returned code is the exit code")
    func returnedCode() async {
        #expect(await run("fails", "code").code == .tryLater)
    }

    @Test(
        "A report ends with 1 at or above --fail-level, which is error where not given, and with 69 where nothing could tell",
        arguments: [
            ([], nil, .ok), (["warning"], nil, .ok), (["error"], nil, .notWell), (["critical"], nil, .notWell),
            (["warning"], "warning", .notWell), (["info"], "warning", .ok), (["error"], "critical", .ok),
            (["unknown"], nil, .unavailable),
        ] as [([String], String?, MillwrightCore.ExitCode)]
    )
    func failLevel(severities: [String], level: String?, code: MillwrightCore.ExitCode) async {
        let streams = CommandStreams.captured
        let utility = ManagementUtility(apps: [SampleApp.config])
        let options = level.map { ["--fail-level", $0] } ?? []

        let ended = await utility.execute(["finds"] + severities + options, streams: streams, environment: [:])

        #expect(ended == code)
    }

    @Test("A silenced finding neither shows nor fails, and is counted")
    func silenced() async {
        let ran = await run("finds", "error", "--set", "silenced=shop.W005", "-v", "2")

        #expect(ran.code == .ok)
        #expect(!ran.stdout.contains("The till is error"))
        #expect(ran.stdout.contains("silenced findings"))
    }

    @Test("A command's required checks keep it from running, --skip-checks does not")
    func requiredChecks() async {
        let kept = await run("checked")
        let skipped = await run("checked", "--skip-checks")

        #expect(kept.code == .notWell)
        #expect(kept.stdout == "")
        #expect(kept.stderr.contains("It is closed. (shop.E001)"))
        #expect(skipped.code == .ok)
        #expect(skipped.stdout == "ran\n")
    }

    @Test("What cannot be undone is refused without a terminal, and confirmed by --no-input")
    func confirm() async {
        let refused = await run("writes", "--format", "json")
        let confirmed = await run("writes", "--no-input")

        #expect(refused.code == .usage)
        #expect(refused.stderr.contains("Confirm with `--no-input`."))
        #expect(confirmed.stdout == "destroyed\n")
    }

    @Test("--timeout ends with 69 and says what the command was doing")
    func timeout() async {
        let ran = await run("waits", "--timeout", "20ms")

        #expect(ran.code == .unavailable)
        #expect(ran.stderr.contains("cleaned up\n"))
        #expect(ran.stderr.contains("It took longer than 20 ms and was waiting for nothing."))
    }

    @Test("A command that finished all the same when its time was over has its result")
    func late() async {
        let ran = await run("stubborn", "--timeout", "20ms")

        #expect(ran.code == .ok)
        #expect(ran.stdout == "done all the same\n")
    }
}
