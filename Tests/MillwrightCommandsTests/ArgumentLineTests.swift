// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightCommands

@Suite("Reading the command line")
struct ArgumentLineTests {
    @Test(
        "Global options are taken before and after the name, with = or a blank",
        arguments: [
            ["--format", "json", "tune", "x"],
            ["--format=json", "tune", "x"],
            ["tune", "--format", "json", "x"],
            ["tune", "x", "--format=json"],
        ]
    )
    func formats(arguments: [String]) throws {
        let line = try ArgumentLine(arguments)

        #expect(line.globals.format == .json)
        #expect(line.command == "tune")
        #expect(line.tail == ["x"])
    }

    @Test(
        "Each option sets what it says",
        arguments: [
            (["--settings", "f.yaml"], \GlobalOptions.settingsFile, "f.yaml"),
            (["--database=replica"], \GlobalOptions.databaseAlias, "replica"),
            (["--cache", "sessions"], \GlobalOptions.cacheAlias, "sessions"),
            (["--output", "-"], \GlobalOptions.output, "-"),
        ] as [([String], any KeyPath<GlobalOptions, String?> & Sendable, String)]
    )
    func texts(arguments: [String], path: any KeyPath<GlobalOptions, String?> & Sendable, value: String) throws {
        #expect(try ArgumentLine(arguments + ["x"]).globals[keyPath: path] == value)
    }

    @Test(
        "Verbosity is written as -v 2, -v2, -v=2, --verbosity 2 or -q",
        arguments: [
            (["-v", "2"], 2), (["-v2"], 2), (["-v=3"], 3), (["--verbosity=0"], 0), (["--verbosity", "1"], 1),
            (["-q"], 0),
            (["--quiet"], 0), ([], 1),
        ]
    )
    func verbosity(arguments: [String], level: Int) throws {
        #expect(try ArgumentLine(arguments + ["x"]).globals.verbosity == level)
        #expect(try ArgumentLine(["x"] + arguments).globals.verbosity == level)
    }

    @Test("Flags, times and levels are read")
    func others() throws {
        let line = try ArgumentLine([
            "x", "--no-input", "--timeout", "1m30s", "--isolated", "--fail-level", "warning", "--skip-checks",
            "--no-color",
            "--traceback", "--set", "a.b=1", "--set=c.d=2=3",
        ])

        var expected = GlobalOptions()
        expected.noInput = true
        expected.timeout = .seconds(90)
        expected.isIsolated = true
        expected.failLevel = .warning
        expected.skipsChecks = true
        expected.color = false
        expected.showsTraceback = true
        expected.overrides = ["a.b=1", "c.d=2=3"]
        #expect(line.globals == expected)
        #expect(line.tail == [])
    }

    @Test("After -- everything is the command's own")
    func verbatim() throws {
        let after = try ArgumentLine(["psql", "--no-input", "--", "--format", "json", "-q"])
        #expect(after.tail == ["--", "--format", "json", "-q"])
        #expect(after.globals.format == nil)

        let before = try ArgumentLine(["--", "psql", "-q"])
        #expect(before.command == "psql")
        #expect(before.tail == ["-q"])
    }

    @Test("What is not global is left to the command, in order")
    func tail() throws {
        let line = try ArgumentLine(["loaddata", "erp", "--scale", "0.05", "-q", "--seed=3", "-"])

        #expect(line.tail == ["erp", "--scale", "0.05", "--seed=3", "-"])
    }

    @Test(
        "Mistakes are usage errors that say what to write",
        arguments: [
            (["--fromat", "json", "tune"], "There is no option `--fromat`.", "Did you mean `--format`?"),
            (["-x"], "There is no option `-x`.", "See `manage --help`."),
            (["tune", "--format"], "The option `--format` needs a value.", "Write `--format <format>`."),
            (["tune", "--format", "--loud"], "The option `--format` needs a value.", "Write `--format <format>`."),
            (["tune", "--format", "jason"], "The option `--format` does not take `jason`.", "Did you mean `json`?"),
            (["-v", "9", "x"], "The option `-v` does not take `9`.", "Write one of 0, 1, 2, 3."),
            (["-vv", "x"], "The option `-v` does not take `v`.", "Write one of 0, 1, 2, 3."),
            (["x", "--no-input=yes"], "The option `--no-input` takes no value.", "Write `--no-input` alone."),
            (
                ["x", "--timeout", "soon"], "The option `--timeout` does not take `soon`.",
                "Write a time such as 30s or 5m."
            ),
            (["x", "--timeout=0"], "The option `--timeout` does not take `0`.", "Write a time such as 30s or 5m."),
            (["x", "--settings="], "The option `--settings` does not take ``.", "It must not be empty."),
        ]
    )
    func mistakes(arguments: [String], stopped: String, next: String) {
        let error = #expect(throws: ToolError.self) { try ArgumentLine(arguments) }

        #expect(error?.code == .usage)
        #expect(error?.stopped == stopped)
        #expect(error?.next == next)
    }

    @Test("No two global options share a name, and no name is an abbreviation that is taken")
    func names() {
        #expect(Set(GlobalOption.allNames).count == GlobalOption.allNames.count)
        #expect(throws: ToolError.self) { try ArgumentLine(["--verb", "1", "x"]) }
    }
}
